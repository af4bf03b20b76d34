"""Backward passes for images (N, C, H, W), with one mistake at a time.

Some have the short form for columns, some go back by lesson 08's stages.
"""
import numpy as np

from .backward import SENTENCES, operator_gradients, scale_of, short_form


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


def columns_left(X, gamma, dY, eps):
    """As columns, and back without moving the channel axis."""
    dX, *others = column_gradients(as_columns(X), gamma, as_columns(dY), eps)
    return (dX.reshape(X.shape), *others)


def divided_by(count):
    """dgamma and dbeta divided by count(X, C)."""
    return map_gradients(after=lambda X, dY, dX, dgamma, dbeta: (
        dX, dgamma / count(X, len(dbeta)), dbeta / count(X, len(dbeta))))


SLIPS = {
    "m is N": "m is taken to be N; a channel's statistics come from N * H * W numbers.",
    "dvar whole": "Stage 4 hands back all of dvar to each row: a mean hands back 1/m.",
    "dmean whole": "Stage 1 hands back all of dmean to each row: a mean hands back "
                   "1/m.",
    "overwritten": "dcentred is overwritten: its two parts, from stage 6 and from "
                   "stage 3, add up.",
    "dmean plus": "The sign of dmean is wrong: stage 2 subtracts the mean, so dmean is "
                  "minus the sum of dcentred.",
    "gamma in dgamma": "gamma is inside dgamma: its own gradient is the sum of "
                       "dY * X_hat.",
    "k squared": "In dvar stands inverse ** 2; the derivative of (v + eps)^(-1/2) "
                 "brings inverse ** 3.",
    "k alone": "In dvar stands inverse; the derivative of (v + eps)^(-1/2) brings "
               "inverse ** 3.",
    "gamma along W": "gamma goes along the last axis, not along the channels: "
                     "gamma.reshape(1, -1, 1, 1).",
    "each map": "Each sample has statistics of its own; the whole batch shares one "
                "mean a channel.",
    "each sample": "The statistics go over axes (1, 2, 3): they are a sample's, not a "
                   "channel's.",
}


def by_stages(slip):
    """A function (X, gamma, dY, eps) -> (dX, dgamma, dbeta), with one of SLIPS."""
    axes = {"each map": (2, 3), "each sample": (1, 2, 3)}.get(slip, (0, 2, 3))

    def candidate(X, gamma, dY, eps):
        mean = X.mean(axis=axes, keepdims=True)
        m = len(X) if slip == "m is N" else X.size // mean.size
        centred = X - mean
        inverse = ((centred ** 2).mean(axis=axes, keepdims=True) + eps) ** -0.5
        X_hat = centred * inverse
        shape = (1, 1, 1, -1) if slip == "gamma along W" else (1, -1, 1, 1)
        dX_hat = gamma.reshape(shape) * dY
        arrived = dX_hat if slip == "gamma in dgamma" else dY
        power = {"k squared": 2, "k alone": 1}.get(slip, 3)
        dvar = -0.5 * inverse ** power * (dX_hat * centred).sum(axis=axes,
                                                                keepdims=True)
        dcentred = 2 * centred * dvar / (1 if slip == "dvar whole" else m)
        if slip != "overwritten":
            dcentred = dcentred + dX_hat * inverse
        dmean = dcentred.sum(axis=axes, keepdims=True)
        dmean = dmean if slip == "dmean plus" else -dmean
        dX = dcentred + dmean / (1 if slip == "dmean whole" else m)
        return (dX, (arrived * X_hat).sum(axis=(0, 2, 3)), dY.sum(axis=(0, 2, 3)))
    return candidate


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
    (per_pixel, "Each pixel has statistics of its own; a channel's pixels share one."),
    # With W = C this is also what reshape(-1, C) does to the channels.
    (channels_last, "The sums go over axes (0, 1, 2), as for channels last, or X was "
                    "reshaped to (-1, C) without moving axis 1 to the end first."),
    (columns_left, "The columns are right, but dX goes back by reshape alone: shape "
                   "it (N, H, W, C), then move the last axis to place 1."),
    *((by_stages(slip), sentence) for slip, sentence in SLIPS.items()),
]
