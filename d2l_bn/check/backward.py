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


def column_gradients(X, gamma, dY, eps, *mistakes):
    """(dX, dgamma, dbeta) for columns X (m, C), with the mistakes named."""
    centred = X - X.mean(axis=0)
    k = scale_of(X.var(axis=0), eps, len(X), *mistakes)
    X_hat = centred * k
    factor = 1
    if "also on the way back" in mistakes:  # the derivative of the wrong forward pass
        factor = (len(X) / (len(X) - 1) if "sample variance" in mistakes
                  else 1 / k / X.std(axis=0))
    return (short_form(dY, X_hat, k, gamma, *mistakes, factor=factor),
            (dY * X_hat).sum(axis=0), dY.sum(axis=0))


def as_columns(X):
    """(N, C, ...) as (m, C)."""
    return np.moveaxis(X, 1, -1).reshape(-1, X.shape[1])


def as_maps(columns, shape):
    """(m, C) back to `shape`, (N, C, ...)."""
    moved = (shape[0], *shape[2:], shape[1])
    return np.moveaxis(columns.reshape(moved), -1, 1)


def map_gradients(*mistakes, after=None):
    """A function (X, gamma, dY, eps) -> (dX, dgamma, dbeta) for (N, C, H, W).

    after: function (X, dY, dX, dgamma, dbeta) -> what it returns.
    """
    def candidate(X, gamma, dY, eps):
        dX, *others = column_gradients(as_columns(X), gamma, as_columns(dY), eps,
                                       *mistakes)
        gradients = (as_maps(dX, X.shape), *others)
        return after(X, dY, *gradients) if after else gradients
    return candidate


def channels_last(X, gamma, dY, eps):
    dX, *others = operator_gradients(np.moveaxis(X, -1, 1), gamma,
                                     np.moveaxis(dY, -1, 1), eps)
    return (np.moveaxis(dX, 1, -1), *others)


def per_pixel(X, gamma, dY, eps):
    N, C = X.shape[:2]
    gammas = np.repeat(gamma, X.size // N // C)
    dX, *others = operator_gradients(X.reshape(N, -1), gammas, dY.reshape(N, -1), eps)
    return (dX.reshape(X.shape), *(a.reshape(C, -1).sum(axis=1) for a in others))


def rows_mixed(X, gamma, dY, eps):
    """Reshaped to columns without moving the channel axis."""
    C = len(gamma)
    dX, *others = operator_gradients(X.reshape(-1, C), gamma, dY.reshape(-1, C), eps)
    return (dX.reshape(X.shape), *others)


def divided_by(count):
    """dgamma and dbeta divided by count(X, C)."""
    return map_gradients(after=lambda X, dY, dX, dgamma, dbeta: (
        dX, dgamma / count(X, len(dbeta)), dbeta / count(X, len(dbeta))))


MISTAKES_IN_IMAGES = [
    *((map_gradients(name), sentence) for name, sentence in SENTENCES.items()),
    *((map_gradients(name, "also on the way back"), SENTENCES[name])
      for name in ("eps outside", "sample variance")),
    (divided_by(lambda X, C: X.size // C),
     "dgamma and dbeta are means; all m numbers of a channel use gamma and beta, so "
     "these collect sums."),
    (divided_by(lambda X, C: len(X)),
     "dgamma and dbeta are divided by N: the gradients of the samples are summed."),
    (map_gradients(after=lambda X, dY, dX, dgamma, dbeta: (dX, dbeta, dgamma)),
     "dgamma and dbeta are swapped: gamma collects dY * X_hat, beta collects dY."),
    (map_gradients(after=lambda X, dY, dX, dgamma, dbeta: (
        dX, (as_columns(X) * as_columns(dY)).sum(axis=0), dbeta)),
     "dgamma is the sum of dY * X; gamma multiplies X_hat, not X."),
    (channels_last, "The sums go over axes (0, 1, 2), as for channels last; here axis "
                    "1 holds the channels."),
    (per_pixel, "Each pixel has statistics of its own; a channel's pixels share one."),
    (rows_mixed, "reshape(-1, C) alone mixes the channels: move axis 1 to the end "
                 "first, and back afterwards."),
]
