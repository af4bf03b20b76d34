"""Does BN that starts at T, at another rate, train as BN with a temperature does?"""
from functools import lru_cache

import numpy as np
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import nn

STEPS = 5


class TemperatureBN(nn.BatchNorm):
    """Batch normalization whose output is multiplied by a constant, as in lesson 06."""

    def __init__(self, temperature, **kwargs):
        super().__init__(**kwargs)
        self.temperature = temperature

    def hybrid_forward(self, F, x, **arrays):
        return self.temperature * super().hybrid_forward(F, x, **arrays)


@lru_cache(maxsize=200)
def distance_from_temperature(T, optimizer, factor):
    """Largest distance of the losses; factor: on the rate of gamma and beta."""
    norm = nn.BatchNorm(in_channels=4, gamma_initializer=init.Constant(T))
    norm.gamma.lr_mult = norm.beta.lr_mult = factor
    wanted = losses_with_temperature(T, optimizer)
    return round(float(abs(losses(norm, optimizer) - wanted).max()), 4)


@lru_cache
def losses_with_temperature(T, optimizer):
    return losses(TemperatureBN(T, in_channels=4), optimizer)


def losses(norm, optimizer):
    """Losses of a few steps; BN stands between fixed weights, so nothing else moves."""
    random = np.random.RandomState(11)
    X = nd.array(random.normal(size=(16, 4)))
    weights, y = (nd.array(random.normal(size=(n, 1))) for n in (4, 16))
    norm.initialize()
    trainer = gluon.Trainer(norm.collect_params(), optimizer, {"learning_rate": 0.02})
    found = []
    for _ in range(STEPS):
        with autograd.record():
            loss = nd.square(nd.dot(nd.tanh(norm(X)), weights) - y).mean()
        loss.backward()
        trainer.step(1)
        found.append(loss.asscalar())
    return np.array(found)
