"""One batch normalization layer, forward and backward, beside the memory's limit.

Prints a JSON list of rows, and the bandwidth.
"""
import json
import statistics
import threading
import time

import d2l_bn

import numpy as np
from mxnet import autograd, nd
from mxnet.gluon import nn
from tqdm import tqdm

SHAPES = {
    "LeNet's four": [(256, 6, 24, 24), (256, 16, 8, 8), (256, 120), (256, 84)],
    "batch size": [(n, 16, 16, 16) for n in (16, 64, 256, 1024)],
    "channels": [(64, c, 16, 16) for c in (4, 16, 64, 256)],
    "image size": [(64, 16, s, s) for s in (4, 8, 16, 32, 64)],
    "units, no image": [(256, c) for c in (16, 256, 4096)],
}
# At least, for data larger than the caches. Forward: X read for the statistics, X read
# and Y written. Backward: X and dY read for two sums, X and dY read and dX written.
PASSES = 8


def bandwidth(megabytes=256, repeats=7):
    """Bytes a second that two threads move when they copy (read and written)."""
    halves = [(np.ones(megabytes << 17), np.ones(megabytes << 17)) for _ in range(2)]
    seconds = []
    for _ in range(repeats):
        threads = [threading.Thread(target=np.copyto, args=pair) for pair in halves]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds.append(time.perf_counter() - start)
    return 4 * halves[0][0].nbytes / min(seconds)


def step(layer, X, head):
    start = time.perf_counter()
    with autograd.record():
        Y = layer(X)
    Y.backward(head)
    nd.waitall()
    return 1000 * (time.perf_counter() - start)


def times(shape, rounds=15):
    """Median milliseconds of the built-in and of our compiled layer, in turn."""
    layers = {"builtin": nn.BatchNorm(in_channels=shape[1]),
              "scratch": d2l_bn.FastBatchNorm(shape[1])}
    X, head = nd.random.normal(shape=shape), nd.random.normal(shape=shape)
    X.attach_grad()
    found = {name: [] for name in layers}
    for layer in layers.values():
        layer.initialize()
        layer.hybridize(static_alloc=True, static_shape=True)
        for _ in range(3):
            step(layer, X, head)
    for _ in range(rounds):
        for name, layer in layers.items():
            found[name].append(step(layer, X, head))
    return {name: statistics.median(values) for name, values in found.items()}


def main():
    rate, rows = bandwidth(), []
    cases = [(group, shape) for group, shapes in SHAPES.items() for shape in shapes]
    for group, shape in tqdm(cases, desc="layers", leave=False):
        megabytes = PASSES * 4 * np.prod(shape) / 1e6
        rows.append({"group": group, "shape": shape, **times(shape), "mb": megabytes,
                     "limit": 1e9 * megabytes / rate})
    print(json.dumps({"bytes_per_second": rate, "rows": rows}))


if __name__ == "__main__":
    main()
