"""Layers whose output is batch normalization's, and whose gradient may be wrong."""
from collections import namedtuple

import numpy as np
from mxnet import autograd, nd

from ..norm import batch_norm

# What stands in the list of cases. A layer of size 1e-6 has a gamma of that size.
DESCRIPTIONS = {
    None: "a right layer",
    "detached": "a layer whose mean and variance are detached",
    "zeros": "a layer that hands back zeros",
    "no mean": "a layer that forgets the path through the mean",
    "no variance": "a layer that forgets the path through the variance",
    "minus": "a layer whose gradient has the wrong sign",
    "no gamma": "a layer that forgets gamma on the way back",
    "one number": "a layer whose gradient is wrong in the last row and column alone",
    "a little": "a layer whose gradient is 0.01 percent too long",
    "above 100": "a layer that detaches its statistics if X is above 100, as here",
}
IN_TRAINING_ONLY = ("detached", "no mean", "no variance", "above 100")
# How a layer was called. X: the array, if the call was recorded, else None.
Pass = namedtuple("Pass", "training X dtype")


class Layer:
    """A function of X (N, C), in the precision of X.

    mistake: a key of DESCRIPTIONS: what is wrong on the way back.
    size: about the size of gamma.
    passes: how it was called.
    """

    def __init__(self, mistake, size, C, random):
        self.mistake, self.size, self.passes = mistake, size, []
        self.gamma, self.beta = size * random.uniform(0.5, 2, C), random.normal(size=C)

    def __call__(self, X):
        recorded = autograd.is_recording()
        self.passes.append(Pass(autograd.is_training(), X if recorded else None,
                                getattr(X, "dtype", None)))
        if not isinstance(X, nd.NDArray):
            raise TypeError("the layer takes an NDArray: nd.array(x, dtype='float64')")
        gamma, beta, zeros = (nd.array(a, dtype=X.dtype) for a in (
            self.gamma, self.beta, 0 * self.gamma))
        Y = batch_norm(X, gamma, beta, zeros, zeros + 1, 1e-5, 0.9)[0]
        if not recorded or not self.is_wrong(X):
            return Y
        back = self.back(X, gamma)  # gives the gradient, and no number
        return Y.detach() + (back - back.detach())

    def is_wrong(self, X):
        """Whether the mistake shows. Stored statistics are constants by right."""
        if self.mistake in IN_TRAINING_ONLY and not autograd.is_training():
            return False
        return self.mistake and (self.mistake != "above 100" or X.mean() > 100)

    def back(self, X, gamma):
        if self.mistake == "no gamma":
            gamma = gamma / gamma
        gamma = gamma.reshape((1, -1))
        if autograd.is_training():
            mean = X.mean(axis=0, keepdims=True)
            std = nd.sqrt(nd.square(X - mean).mean(axis=0, keepdims=True) + 1e-5)
        else:
            mean, std = 0 * X.detach(), 0 * X.detach() + 1
        if self.mistake in ("detached", "no mean", "above 100"):
            mean = mean.detach()
        if self.mistake in ("detached", "no variance", "above 100"):
            std = std.detach()
        factor = {"zeros": 0, "minus": -1, "a little": 1.0001}.get(self.mistake, 1)
        back = factor * gamma * (X - mean) / std
        if self.mistake == "one number":
            corner = nd.zeros(X.shape, dtype=X.dtype)
            corner[-1, -1] = 1
            back = back + corner * gamma * X
        return back


def layers_to_check():
    """Cases for `judge`: each layer with an X of spread 1."""
    random = np.random.RandomState(5)
    chosen = [(None, 1, (4, 2)), *((name, 1, (4, 2)) for name in DESCRIPTIONS if name),
              ("detached", 1e-6, (4, 2)), (None, 1, (6, 2))]
    offsets = {"above 100": 200}
    return [{"given": DESCRIPTIONS[mistake] + ", gamma about 1e-6" * (size < 1),
             "layer": Layer(mistake, size, shape[1], random),
             "X": nd.array(random.normal(offsets.get(mistake, 3), 1, shape),
                           dtype="float64")}
            for mistake, size, shape in chosen]
