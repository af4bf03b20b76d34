"""Layers whose output is batch normalization's, and whose gradient may be wrong."""
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
}


class Layer:
    """A function of X (N, C), in the precision of X.

    mistake: a key of DESCRIPTIONS: what is wrong on the way back.
    size: about the size of gamma.
    """

    def __init__(self, mistake, size, C, random):
        self.mistake, self.size = mistake, size
        self.gamma, self.beta = size * random.uniform(0.5, 2, C), random.normal(size=C)

    def __call__(self, X):
        gamma, beta, zeros = (nd.array(a, dtype=X.dtype) for a in (
            self.gamma, self.beta, 0 * self.gamma))
        Y = batch_norm(X, gamma, beta, zeros, zeros + 1, 1e-5, 0.9)[0]
        if self.mistake is None or not autograd.is_recording():
            return Y
        back = self.back(X, gamma)  # gives the gradient, and no number
        return Y.detach() + (back - back.detach())

    def back(self, X, gamma):
        mean = X.mean(axis=0, keepdims=True)
        std = nd.sqrt(nd.square(X - mean).mean(axis=0, keepdims=True) + 1e-5)
        sign = {"zeros": 0, "minus": -1}.get(self.mistake, 1)
        if self.mistake in ("detached", "no mean"):
            mean = mean.detach()
        if self.mistake in ("detached", "no variance"):
            std = std.detach()
        if self.mistake == "no gamma":
            gamma = gamma / gamma
        return sign * gamma.reshape((1, -1)) * (X - mean) / std


def layers_to_check():
    """Cases for `judge`: each layer with an X of spread 1."""
    random = np.random.RandomState(5)
    chosen = [(None, 1, (4, 2)), *((name, 1, (4, 2)) for name in DESCRIPTIONS if name),
              ("detached", 1e-6, (4, 2)), (None, 1, (6, 2))]
    return [{"given": DESCRIPTIONS[mistake] + ", gamma about 1e-6" * (size < 1),
             "layer": Layer(mistake, size, shape[1], random),
             "X": nd.array(random.normal(3, 1, shape), dtype="float64")}
            for mistake, size, shape in chosen]
