"""Layers that add random numbers to what they get, and what can be seen of them."""
import numpy as np
from mxnet import autograd, nd
from mxnet.gluon import nn

from ..seeding import seed_everything
from .judge import Unexpected, described, something
from .wording import kind


def shift_layer(draw, join=lambda F, X, noise: F.broadcast_add(X, noise)):
    """A class of layers that join what they draw to X; draw: function (F, X)."""
    class Shift(nn.HybridBlock):
        def hybrid_forward(self, F, X):
            return join(F, X, draw(F, X))
    return Shift


def uniform(F, X, low=-1, high=1):
    return F.random.uniform_like(F.slice_axis(X, axis=0, begin=0, end=1), low, high)


class DrawsOnce(nn.HybridBlock):
    """Adds what it drew in its first call, in all calls."""
    def forward(self, X):
        if not hasattr(self, "noise"):
            self.noise = nd.random.uniform(-1, 1, (1, X.shape[1]))
        return X + self.noise


class TrainingAlone(nn.HybridBlock):
    """Adds noise in training mode alone."""
    def forward(self, X):
        return nd.broadcast_add(X, uniform(nd, X)) if autograd.is_training() else X


def compiled(layer, X):
    """What the layer adds to X in two calls after hybridize, as NumPy arrays."""
    layer.hybridize()
    try:
        return [(layer(X) - X).asnumpy() for _ in range(2)]
    except Exception as err:
        raise Unexpected(
            f"after hybridize: {described(err)}",
            "no error. X is a Symbol then: no X.shape, no nd or NumPy, no + between "
            "shapes; F.slice_axis, F.broadcast_add") from err


def use_layer(candidate, units):
    """What a layer adds to X: in two calls, over all units, compiled or not."""
    seed_everything(0)
    X = nd.random.normal(3, 2, (6, units))
    layer = candidate()
    if not isinstance(layer, nn.HybridBlock):
        raise Unexpected(f"{kind(layer)}, which is no HybridBlock",
                         "a class derived from nn.HybridBlock")
    layer.initialize()
    with autograd.train_mode():
        calls = [something(layer(X)) for _ in range(2)]
        of_zeros = layer(nd.zeros_like(X)).asnumpy()
    first, second = (call.asnumpy() - X.asnumpy() for call in calls)
    in_prediction = (layer(X) - X).asnumpy()
    one, other = compiled(layer, X)
    for_all = bool(np.ptp(first, axis=0).max() < 1e-4)
    by_unit = bool(np.ptp(first, axis=1).max() > 1e-3)
    spread, mean = first.std(), first.mean()
    many = units > 100 and for_all and by_unit  # enough for a mean
    return {
        "shape of the output": calls[0].shape,
        "the same is added to all samples": for_all,
        "it differs from unit to unit": by_unit,
        "added numbers are within -1 and 1": (
            bool(abs(first).max() < 1 + 1e-4) if units > 100 else None),
        # A random number that is near enough becomes the expected one.
        "standard deviation of the added numbers": (
            (3 ** -0.5 if 0.52 < spread < 0.64 else spread) if many else None),
        "mean of the added numbers": (
            (0. if abs(mean) < 0.12 else mean) if many else None),
        "something is added to zeros": bool(abs(of_zeros).max() > 1e-3),
        "the next call adds other numbers": bool(abs(first - second).max() > 1e-3),
        "prediction mode adds, too": bool(abs(in_prediction).max() > 1e-3),
        "after hybridize the next call adds other numbers": bool(
            abs(one - other).max() > 1e-3),
    }
