"""The gradient of a prediction, in the modes people try (lesson 14)."""
import numpy as np
from mxnet import autograd, init, nd
from mxnet.gluon import nn

from .formulas import STILL, array_like


def trained_net(seed):
    """Dense, batch normalization, sigmoid, dense: with random statistics."""
    random = np.random.RandomState(seed)
    net = nn.Sequential()
    net.add(nn.Dense(6, in_units=5), nn.BatchNorm(in_channels=6),
            nn.Activation("sigmoid"), nn.Dense(3, in_units=6))
    net.initialize(init.Zero())
    for parameter in net.collect_params().values():
        parameter.set_data(nd.array(random.uniform(0.2, 1.5, parameter.shape)
                                    * random.choice([-1, 1], parameter.shape)))
    net[1].running_var.set_data(nd.array(random.uniform(1, 4, 6)))
    return net


def take_slope(candidate, rows, seed):
    net = trained_net(seed)
    X = nd.array(np.random.RandomState(seed + 1).normal(1, 1, (rows, 5)))
    before = net[1].running_mean.data().copy()
    slope = array_like(candidate(net, X.copy()), X)
    nd.waitall()
    return {"gradient": slope.copy(),
            "change of the running mean": net[1].running_mean.data() - before}


def slope_taken(forward, backward):
    """The gradient with these modes of the forward and the backward pass."""
    def function(net, X):
        X.attach_grad()
        with autograd.record(train_mode=forward):
            score = net(X)[:, 0].sum()
        score.backward(train_mode=backward)
        return X.grad
    return function


def exact_slope(net, X):
    """By the chain rule, in NumPy."""
    W, b, gamma, beta, mean, var, V, _ = (
        parameter.data().asnumpy().astype("float64")
        for parameter in net.collect_params().values())
    scale = gamma / np.sqrt(var + 1e-5)
    Z = (X.asnumpy() @ W.T + b - mean) * scale + beta
    S = 1 / (1 + np.exp(-Z))
    return nd.array((V[0] * S * (1 - S) * scale) @ W)


def slope_of_a_prediction():
    mistakes = [
        (slope_taken(False, True),
         STILL + "the gradient is not the one that small steps give."),
        (slope_taken(True, True),
         "Both passes agree now, but on training mode: the rows influence one another, "
         "and the stored mean moves."),
        (slope_taken(True, False),
         "Only backward is in prediction mode now: the forward pass must be too.")]
    return {"right": exact_slope, "mistakes": mistakes,
            "cases": [{"given": f"a net with nn.BatchNorm, batches of {rows}",
                       "rows": rows, "seed": rows} for rows in (4, 1)],
            "observe": take_slope}
