"""Does training ever hang? 20 short runs in a row for each engine, threads and layer.

    python benchmarks/hang.py [--runs 20]

MXNet's threaded engine can wait for ever, for one when a layer calls Python back from
the graph. A run is 20 steps of LeNet at batch size 256, a test and re-estimated
statistics, with a new net each time; the 20 runs share a process.
"""
import argparse
import itertools
import os
import subprocess
import sys
import time

ENGINES = ("ThreadedEnginePerDevice", "NaiveEngine")
SECONDS = 3600  # for 20 runs, which take minutes at most


def train_once(kind, batches, number):
    import d2l_bn

    import mxnet as mx
    from mxnet import init
    from mxnet.gluon import nn

    mx.random.seed(number)
    net = d2l_bn.lenet(d2l_bn.FastBatchNorm if kind == "scratch"
                       else lambda num_features, num_dims: nn.BatchNorm())
    net.initialize(init.Xavier())
    net(batches[0][0])
    net.hybridize(static_alloc=True, static_shape=True)
    d2l_bn.train(net, batches, batches[:5], num_epochs=1, lr=1.0)
    d2l_bn.estimate_statistics(net, batches, 5)
    return d2l_bn.evaluate_accuracy(net, batches[:5])


def train_in_a_row(kind, runs):
    import d2l_bn

    train_iter, _ = d2l_bn.load_data_fashion_mnist(256)
    batches = list(itertools.islice(train_iter, 20))
    for number in range(runs):
        print(f"{train_once(kind, batches, number):.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--kind", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.kind:
        return train_in_a_row(arguments.kind, arguments.runs)
    hung = 0
    for engine, threads, kind in itertools.product(
            ENGINES, ("1", "2"), ("scratch", "builtin")):
        start = time.perf_counter()
        try:
            subprocess.run(
                [sys.executable, __file__, "--kind", kind, "--runs",
                 str(arguments.runs)], check=True, timeout=SECONDS, capture_output=True,
                env={**os.environ, "MXNET_ENGINE_TYPE": engine, "TQDM_DISABLE": "1",
                     "OMP_NUM_THREADS": threads})
            result = f"{arguments.runs} runs"
        except subprocess.TimeoutExpired:
            result, hung = f"no end after {SECONDS} s", hung + 1
        print(f"{engine:24} {threads} threads, {kind:8}: {result}, "
              f"{time.perf_counter() - start:.0f} s", flush=True)
    return hung


if __name__ == "__main__":
    sys.exit(main())
