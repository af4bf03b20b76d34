"""Small nets and batches that the tests train, and NumPy's side of the arithmetic."""
import numpy as np
from mxnet import init, nd
from mxnet.gluon import nn


def batches(*sizes, features=4, classes=3, seed=0):
    """Batches (X, y) of dots whose class shows in their values."""
    random = np.random.RandomState(seed)
    made = []
    for size in sizes:
        y = random.randint(0, classes, size)
        X = random.normal(y[:, None], 2, (size, features)).astype("float32")
        made.append((nd.array(X), nd.array(y, dtype="int32")))
    return made


def ready(*layers, ctx=None, kind=nn.Sequential):
    """An initialised net of the layers given."""
    net = kind()
    net.add(*layers)
    net.initialize(init.Normal(.5), ctx=ctx)
    return net


def softmax(scores):
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def cross_entropy(scores, y):
    return -np.log(softmax(scores.astype("float64"))[np.arange(len(y)), y])


def joined(data):
    """All batches as two NumPy arrays."""
    return [np.concatenate([part.asnumpy() for part in parts])
            for parts in zip(*data, strict=True)]


def values(net):
    return {name: parameter.data(parameter.list_ctx()[0]).asnumpy()
            for name, parameter in net.collect_params().items()}


def close(parameter, expected):
    """Whether a parameter holds the numbers expected, but for float32's rounding."""
    return np.allclose(parameter.data().asnumpy(), expected, rtol=1e-4, atol=1e-4)
