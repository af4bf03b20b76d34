"""Normalizations without gamma and beta, which differ in the axes of their mean."""
from mxnet import autograd, nd

from ..norm import batch_norm


def inside(var, eps):
    """The right divisor: eps inside the root."""
    return nd.sqrt(var + eps)


def outside(var, eps):
    return nd.sqrt(var) + eps


def without_eps(var, eps):
    return nd.sqrt(var)


def without_root(var, eps):
    return var + eps


def normalise(X, axes, eps=1e-5, less=0, divisor=inside, keepdims=True):
    """X (NDArray) with the statistics over `axes`.

    less: how much less than their number the variance divides by.
    divisor: a function of the variance and eps.
    """
    centred = X - X.mean(axis=axes, keepdims=keepdims)
    var = nd.square(centred).sum(axis=axes, keepdims=keepdims)
    return centred / divisor(var / (X.size // var.size - less), eps)


def normalising(axes, **how):
    """A function (X, eps) that normalises as these arguments of `normalise` say."""
    return lambda X, eps=1e-5: normalise(X, axes, eps, **how)


def batch_norm_in_training(X, eps=1e-5):
    ones, zeros = nd.ones(X.shape[1]), nd.zeros(X.shape[1])
    with autograd.train_mode():
        return batch_norm(X, ones, zeros, zeros, ones, eps, 0.9)[0]


def batch_norm_in_prediction(X):
    C = X.shape[1]
    with autograd.predict_mode():
        return batch_norm(X, nd.ones(C), nd.zeros(C), nd.arange(C), nd.full(C, 2), 1e-5,
                          0.9)[0]


def group_norm(X, num_groups, eps=1e-5):
    return normalise(X.reshape((len(X), num_groups, -1)), 2, eps).reshape(X.shape)


def piece_norm(X, pieces, eps=1e-5):
    """BN in training of each piece, which is a list of the numbers of its images."""
    results = {}
    for piece in pieces:
        Y = batch_norm_in_training(nd.stack(*[X[i] for i in piece]), eps)
        results.update(zip(piece, Y, strict=True))
    return nd.stack(*[results[i] for i in range(len(X))])


def every_second(X):
    """Pieces of two: images 0 and 2, 1 and 3, as in lesson 10's PieceNorm."""
    return piece_norm(X, [[0, 2], [1, 3]])


def last_with_first(X):
    return piece_norm(X, [[0, 3], [1, 2]])


def for_four_images(norm):
    """The norm, which says so if it gets another shape."""
    def checked(X):
        if not isinstance(X, nd.NDArray) or X.shape != (4, 4, 3, 3):
            raise ValueError("norm takes an NDArray of shape (4, 4, 3, 3), no other")
        return norm(X)
    return checked


def centred_images(X):
    """What other images change in it adds up to 0 over an image."""
    return (X - X.mean(axis=(1, 2, 3), keepdims=True)) / nd.square(X).mean().sqrt()


SIGNED = ("a norm that subtracts the mean of all numbers",
          "a norm that adds the mean of all numbers")
CENTRED = "a norm that centres each image and divides by the batch's size"
# name -> (norm, whether it is right that the mates matter)
NORMS = {name: (for_four_images(norm), mates) for name, (norm, mates) in {
    "BN in training mode": (batch_norm_in_training, True),
    "BN in prediction mode": (batch_norm_in_prediction, False),
    "LayerNorm": (lambda X: group_norm(X, 1), False),
    "BN of pieces of two, images 0 and 2 in one": (every_second, True),
    "BN of pieces of two, images 0 and 3 in one": (last_with_first, True),
    "GroupNorm, 2 groups": (lambda X: group_norm(X, 2), False),
    "InstanceNorm": (lambda X: normalise(X, (2, 3)), False),
    "a norm that only subtracts the batch's mean": (
        lambda X: X - X.mean(axis=(0, 2, 3), keepdims=True), True),
    SIGNED[0]: (lambda X: X - X.mean(), True),
    SIGNED[1]: (lambda X: X + X.mean(), True),
    CENTRED: (centred_images, True),
}.items()}
