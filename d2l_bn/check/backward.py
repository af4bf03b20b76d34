"""Backward passes in NumPy: the oracles, and the short form with one mistake at a time.

The oracles do not know the formula: MXNet's operator, and central differences.
"""
import numpy as np
from mxnet import autograd, nd

SENTENCES = {
    "no statistics": "Only gamma * k * dY comes back: mean and variance are taken for "
                     "constants, but they depend on X too.",
    "no mean": "The path through the mean is missing: the mean of dY must be "
               "subtracted.",
    "no variance": "The path through the variance is missing: the term with X_hat and "
                   "the mean of dY * X_hat must be subtracted.",
    "variance added": "The term of the variance is added; the derivative of "
                      "(v + eps)^(-1/2) has a minus.",
    "no two": "The term of the variance is half of what it must be: the square's "
              "derivative has a factor 2.",
    "sums": "Sums are subtracted in dX where means belong: a mean hands back 1/m of "
            "its gradient to each row.",
    "no gamma": "gamma is forgotten in dX: what reaches X_hat is gamma * dY.",
    "no k": "The factor k = 1 / sqrt(v + eps) is forgotten in dX.",
    "eps outside": "eps is added to the standard deviation; it belongs to the "
                   "variance, inside the root.",
    "eps forgotten": "eps is forgotten: k is 1 / sqrt(v + eps).",
    "sample variance": "The variance divides by m - 1; batch normalization divides by "
                       "m.",
}


def operator_gradients(X, gamma, dY, eps):
    """(dX, dgamma, dbeta) of nd.BatchNorm in float64, or a ValueError.

    The operator itself does not compare the channels, and ends the process.
    """
    if X.shape[1] != len(gamma):
        raise ValueError(f"{X.shape[1]} channels, {len(gamma)} gammas")
    arrays = [nd.array(a, dtype="float64") for a in (X, gamma, np.zeros(len(gamma)))]
    for array in arrays:
        array.attach_grad()
    zeros = nd.zeros(len(gamma), dtype="float64")
    with autograd.record():
        Y = nd.BatchNorm(*arrays, zeros, zeros + 1, eps=eps, fix_gamma=False)
    Y.backward(nd.array(dY, dtype="float64"))
    return tuple(array.grad.asnumpy() for array in arrays)


def central_differences(loss, X, h=1e-5):
    """The gradient of loss(X), a number, at the NumPy array X, by numbers alone."""
    grad = np.empty(X.shape)
    for i in np.ndindex(X.shape):
        up, down = X.copy(), X.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (loss(up) - loss(down)) / (2 * h)
    return grad


def normalised(X, eps):
    """X (m, C) with the statistics of its columns."""
    return (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + eps)


def short_form(dY, X_hat, k, gamma, *mistakes, factor=1):
    """dX of columns, with the mistakes named.

    factor: multiplies the term of the variance.
    """
    mean_dY, mean_dY_X_hat = dY.mean(axis=0), (dY * X_hat).mean(axis=0)
    if "sums" in mistakes:
        mean_dY, mean_dY_X_hat = len(dY) * mean_dY, len(dY) * mean_dY_X_hat
    if "no mean" in mistakes or "no statistics" in mistakes:
        mean_dY = 0
    shares = {"no variance": 0, "no statistics": 0, "variance added": -1, "no two": 0.5}
    share = min(shares.get(mistake, 1) for mistake in (None, *mistakes))
    dX = dY - mean_dY - factor * share * X_hat * mean_dY_X_hat
    dX = dX if "no gamma" in mistakes else gamma * dX
    return dX if "no k" in mistakes else k * dX


def scale_of(var, eps, m, *mistakes):
    """k, the factor from centred to normalised, with the mistakes named."""
    if "sample variance" in mistakes:
        var = var * m / (m - 1)
    if "eps outside" in mistakes:
        return 1 / (np.sqrt(var) + eps)
    return 1 / np.sqrt(var + (0 if "eps forgotten" in mistakes else eps))
