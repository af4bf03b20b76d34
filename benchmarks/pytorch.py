"""One epoch in PyTorch, eager, the images in memory. Usage: pytorch.py FOLDER

FOLDER holds the four files of Fashion-MNIST, decompressed.
"""
import json
import resource
import sys
import time
from pathlib import Path

import torch
from torch import nn


def read(folder, name, header):
    return torch.frombuffer(bytearray(Path(folder, name).read_bytes()[header:]),
                            dtype=torch.uint8)


def load(folder, part):
    return (read(folder, f"{part}-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28),
            read(folder, f"{part}-labels-idx1-ubyte", 8).long())


def batches(images, labels, order):
    for chosen in order.split(256):
        yield images[chosen].float() / 255, labels[chosen]


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.BatchNorm2d(6), nn.Sigmoid(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.BatchNorm2d(16), nn.Sigmoid(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 120), nn.BatchNorm1d(120), nn.Sigmoid(),
        nn.Linear(120, 84), nn.BatchNorm1d(84), nn.Sigmoid(),
        nn.Linear(84, 10))


@torch.no_grad()
def evaluate_accuracy(net, images, labels):
    net.eval()
    correct = 0
    for X, y in batches(images, labels, torch.arange(len(labels))):
        correct += (net(X).argmax(1) == y).sum()
    return float(correct) / len(labels)


def train_epoch(net, optimizer, train_set):
    """One pass; the mean loss."""
    net.train()
    cross_entropy, total_loss = nn.CrossEntropyLoss(reduction="sum"), torch.zeros(())
    correct = torch.zeros(())
    for X, y in batches(*train_set, torch.randperm(60000)):
        y_hat = net(X)
        loss = cross_entropy(y_hat, y)
        optimizer.zero_grad()
        (loss / 256).backward()
        optimizer.step()
        total_loss += loss.detach()
        correct += (y_hat.argmax(1) == y).sum()
    return float(total_loss) / 60000


def main(folder):
    torch.set_num_threads(2)
    torch.manual_seed(0)
    train_set, test_set = load(folder, "train"), load(folder, "t10k")
    net = lenet()
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
    net(torch.zeros(256, 1, 28, 28)).sum().backward()
    start = time.perf_counter()
    loss = train_epoch(net, optimizer, train_set)
    accuracy = evaluate_accuracy(net, *test_set)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    evaluate_accuracy(net, *test_set)
    print(json.dumps({
        "seconds_per_epoch": seconds, "test_seconds": time.perf_counter() - start,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "loss": loss, "test_acc": accuracy}))


if __name__ == "__main__":
    main(sys.argv[1])
