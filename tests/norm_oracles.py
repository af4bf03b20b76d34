"""What the tests of batch normalization compare with: NumPy, and stored figures."""
from pathlib import Path

from d2l_bn import BatchNorm, FastBatchNorm

import numpy as np
from mxnet import autograd, nd

EPS, MOMENTUM, STEPS = 1e-5, 0.9, 3  # as in tools/torch_figures.py
FIGURES = np.load(Path(__file__).with_name("torch_figures.npz"))
CASES = sorted({name.rsplit("/", 1)[0] for name in FIGURES.files})


def case_figures(case):
    return {name.rsplit("/", 1)[1]: FIGURES[name] for name in FIGURES.files
            if name.startswith(case + "/")}


def tolerance(case):
    if case.endswith("float64"):
        return 1e-9
    return 2e-5 if "/unit/" in case else 2e-4


def assert_close(ours, expected, relative, what):
    ours = ours.asnumpy() if isinstance(ours, nd.NDArray) else ours
    assert ours.shape == expected.shape, what
    error = abs(ours - expected).max() / max(abs(expected).max(), 1e-30)
    assert error <= relative, f"{what}: off by {error:.1e} of the largest value"


def numpy_batch_norm(X, gamma, beta, mean=None, var=None, eps=EPS):
    """The formula in float64, with the axes named outright: an oracle of its own."""
    axes = tuple(axis for axis in range(X.ndim) if axis != 1)
    shape = [1, -1] + [1] * (X.ndim - 2)
    X = X.astype("float64")
    mean = X.mean(axes) if mean is None else mean
    var = ((X - mean.reshape(shape)) ** 2).mean(axes) if var is None else var
    Y = (X - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    return gamma.reshape(shape) * Y + beta.reshape(shape), mean, var


def run(layer, X, dY, training):
    """One forward and backward pass: Y and the gradient of X."""
    X = nd.array(X, dtype=X.dtype)
    X.attach_grad()
    with autograd.record(train_mode=training):
        Y = layer(X)
    Y.backward(nd.array(dY, dtype=dY.dtype), train_mode=training)
    return Y, X.grad


def compiled(C, **how):
    layer = FastBatchNorm(C, **how)
    layer.hybridize(static_alloc=True, static_shape=True)
    return layer


KINDS = {"readable": BatchNorm, "fast": FastBatchNorm, "compiled": compiled}


def our_layer(kind, C, dtype, gamma=None, beta=None):
    """An initialised layer of a kind of KINDS, with gamma and beta if given."""
    layer = KINDS[kind](C)
    layer.initialize()
    layer.cast(dtype)
    if gamma is not None:
        layer.gamma.set_data(nd.array(gamma, dtype=dtype))
        layer.beta.set_data(nd.array(beta, dtype=dtype))
    return layer
