"""One epoch with this course's module. Usage: course.py {none,scratch,builtin}"""
import contextlib
import io
import json
import resource
import sys
import time

import d2l_bn

import mxnet as mx
from mxnet import autograd, init
from mxnet.gluon import nn

NORMS = {"none": None, "scratch": d2l_bn.FastBatchNorm,
         "builtin": lambda num_features, num_dims: nn.BatchNorm()}


def main(kind):
    train_iter, test_iter = d2l_bn.load_data_fashion_mnist(256)
    mx.random.seed(0)
    net = d2l_bn.lenet(NORMS[kind])
    net.initialize(init.Xavier())
    X, _ = next(iter(test_iter))
    net(X)  # gives the parameters their shapes
    net.hybridize(static_alloc=True, static_shape=True)
    net(X)
    with autograd.record():
        Y = net(X)
    Y.backward()
    with contextlib.redirect_stdout(io.StringIO()):
        history = d2l_bn.train(net, train_iter, test_iter, num_epochs=1, lr=1.0)
    start = time.perf_counter()
    d2l_bn.evaluate_accuracy(net, test_iter)
    print(json.dumps({
        "seconds_per_epoch": history.seconds[0],
        "test_seconds": time.perf_counter() - start,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "loss": history.loss[0], "test_acc": history.test_acc[0]}))


if __name__ == "__main__":
    main(sys.argv[1])
