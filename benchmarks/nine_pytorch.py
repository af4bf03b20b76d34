"""Nine runs in PyTorch. Usage: nine_pytorch.py FOLDER EPOCHS {threads,processes}

LeNet without batch normalization for three seeds, with it for six: the work of
nine_course.py. threads: one after another, two threads each; processes: two at a time,
one thread each. Prints the seconds as JSON.
"""
import concurrent.futures
import json
import multiprocessing
import sys
import time

import torch
from pytorch import evaluate_accuracy, lenet, load, train_epoch
from torch import nn


def one_run(folder, norm, seed, num_epochs, num_threads):
    torch.set_num_threads(num_threads)
    torch.manual_seed(seed)
    train_set, test_set = load(folder, "train"), load(folder, "t10k")
    net = lenet()
    if not norm:
        net = nn.Sequential(*(layer for layer in net if "BatchNorm" not in str(layer)))
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
    for _ in range(num_epochs):
        train_epoch(net, optimizer, train_set)
        accuracy = evaluate_accuracy(net, *test_set)
    return accuracy


def main(folder, num_epochs, way):
    runs = [(folder, norm, seed, int(num_epochs), 2 if way == "threads" else 1)
            for norm in (False, True, True) for seed in range(3)]
    start = time.perf_counter()
    if way == "threads":
        accuracies = [one_run(*run) for run in runs]
    else:
        fresh = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(2, fresh) as pool:
            accuracies = list(pool.map(one_run, *zip(*runs, strict=True)))
    print(json.dumps({"seconds": time.perf_counter() - start, "test_acc": accuracies}))


if __name__ == "__main__":
    main(*sys.argv[1:])
