"""Wrong answers to image_backward of lesson 08."""
import numpy as np


def one_line(dY, X_hat, scale):
    return scale * (dY - dY.mean(axis=0) - X_hat * np.mean(dY * X_hat, axis=0))


def images(X, gamma, dY, eps, how):
    """A long way back for images, with one thing done otherwise."""
    axes = {"last": (0, 1, 2), "pixel": (0,)}.get(how, (0, 2, 3))
    shape = (1, 1, 1, -1) if how == "last" else (1, -1, 1, 1)
    mean = X.mean(axis=axes, keepdims=True)
    m = X.size // mean.size
    var = ((X - mean) ** 2).sum(axis=axes, keepdims=True) / (m - (how == "m - 1"))
    std = np.sqrt(var) + eps if how == "outside" else np.sqrt(var + eps)
    normal = (X - mean) / std
    dnormal = dY if how == "no gamma" else dY * gamma.reshape(shape)
    dX = dnormal / std
    if how not in ("constants", "path 3"):
        dX = dX - normal * (dnormal * normal).sum(axis=axes, keepdims=True) / m / std
    if how not in ("constants", "path 2"):
        dX = dX - dnormal.sum(axis=axes, keepdims=True) / m / std
    others = (0, 1, 2) if how == "last" else (0, 2, 3)
    dgamma, dbeta = (dY * normal).sum(axis=others), dY.sum(axis=others)
    if how == "means":
        dgamma, dbeta = (dY * normal).mean(axis=others), dY.mean(axis=others)
    if how == "swapped":
        dgamma, dbeta = dbeta, dgamma
    return dX, dgamma, dbeta


def images_with(how):
    return lambda X, gamma, dY, eps=1e-5: images(X, gamma, dY, eps, how)


def by_stages(X, gamma, dY, eps, how):
    """The lesson's stages with other axes, and one slip."""
    axes, m = (0, 2, 3), X.shape[0] * X.shape[2] * X.shape[3]
    m = X.shape[0] if how == "m is N" else m
    centred = X - np.mean(X, axis=axes, keepdims=True)
    inverse = 1 / np.sqrt(np.mean(centred ** 2, axis=axes, keepdims=True) + eps)
    X_hat = centred * inverse
    dX_hat = dY * (gamma if how == "bare gamma" else gamma[None, :, None, None])
    dinverse = np.sum(dX_hat * centred, axis=axes, keepdims=True)
    dcentred = dX_hat * inverse
    dvar = -inverse ** (2 if how == "square" else 3) / 2 * dinverse
    dsquares = dvar if how == "no 1/m" else dvar / m
    part = 2 * centred * dsquares
    dcentred = part if how == "overwrites" else dcentred + part
    dmean = -np.sum(dcentred, axis=axes, keepdims=True)
    if how == "sign":
        dmean = -dmean
    dX = dcentred + (dmean if how == "mean, no 1/m" else dmean / m)
    dgamma = ((dX_hat if how == "twice gamma" else dY) * X_hat).sum(axis=axes)
    return dX, dgamma, dY.sum(axis=axes)


def stages_with(how):
    return lambda X, gamma, dY, eps=1e-5: by_stages(X, gamma, dY, eps, how)


def columns_and_reshape(X, gamma, dY, eps):
    """Forgets to move the channels back."""
    C = X.shape[1]
    columns, dcolumns = (A.transpose(0, 2, 3, 1).reshape(-1, C) for A in (X, dY))
    k = 1 / np.sqrt(columns.var(axis=0) + eps)
    X_hat = (columns - columns.mean(axis=0)) * k
    dX = one_line(dcolumns, X_hat, gamma * k)
    return dX.reshape(X.shape), (dcolumns * X_hat).sum(axis=0), dcolumns.sum(axis=0)


IMAGES = [
    (images_with("constants"), "taken for constants"),
    (images_with("path 2"), "through the mean is missing"),
    (images_with("path 3"), "through the variance is missing"),
    (images_with("no gamma"), "gamma is forgotten"),
    (images_with("outside"), "inside the root"),
    (images_with("m - 1"), "divides by m - 1"),
    (images_with("means"), "collect sums"),
    (images_with("swapped"), "swapped"),
    (images_with("pixel"), "Each pixel"),
    (images_with("last"), "axes (0, 1, 2)"),
    (columns_and_reshape, "goes back by reshape alone"),
    (stages_with("m is N"), "taken to be N"),
    (stages_with("bare gamma"), "along the last axis"),
    (stages_with("square"), "inverse ** 3"),
    (stages_with("no 1/m"), "all of dvar"),
    (stages_with("mean, no 1/m"), "all of dmean"),
    (stages_with("overwrites"), "overwritten"),
    (stages_with("sign"), "sign of dmean"),
    (stages_with("twice gamma"), "gamma is inside dgamma")]
