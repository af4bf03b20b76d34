"""What layers and nets do that a learner makes: with given arrays, in both modes."""
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

from .compare import in_words
from .judge import Unexpected, something

# How far random values of a net's arrays lie from 0, or from 1 for gamma.
SPREAD = {"bias": 2, "weight": .2, "gamma": .3, "beta": 1}


def is_block(value, what):
    """The value, if it is a layer or net."""
    if not isinstance(something(value), gluon.Block):
        raise Unexpected(in_words(value), what)
    return value


def train_layer(candidate, num_features, num_dims):
    """What the layer that `candidate` makes does in three steps of SGD."""
    layer = is_block(candidate(num_features, num_dims), "a Gluon layer")
    check_sizes(layer, num_features)
    layer.initialize()
    random = np.random.RandomState(num_dims)
    shape = (8, num_features, 4, 3)[:num_dims]
    seen = {}
    for step in (1, 2, 3):
        X, weights = (nd.array(random.normal(mean, std, shape))
                      for mean, std in ((3, 2), (0, 1)))
        X.attach_grad()
        with autograd.record():
            Y = something(layer(X))
            loss = (Y * weights).sum()
        loss.backward()
        seen[f"output in training mode, step {step}"] = Y
        seen[f"gradient of X, step {step}"] = X.grad.copy()
        for parameter in layer.collect_params().values():
            if parameter.grad_req != "null":
                rate = .3 * parameter.lr_mult  # as a Trainer does
                parameter.set_data(parameter.data() - rate * parameter.grad())
    seen["output in prediction mode after three steps"] = layer(X)
    seen["output in prediction mode for other images"] = layer(2 * X + X ** 2)
    return seen


def check_sizes(layer, num_features):
    """Name what MXNet would refuse, or not: an axis or a number that does not fit."""
    if not isinstance(layer, nn.BatchNorm):
        return
    axis = layer._kwargs["axis"]  # Gluon keeps it nowhere else
    if axis != 1:
        raise Unexpected(f"a layer with axis={axis}", "a layer with axis=1")
    if layer.gamma.shape[0] not in (0, num_features):  # 0: found at the first batch
        raise Unexpected(f"in_channels={layer.gamma.shape[0]}",
                         f"none, or {num_features}")


def run_net(candidate):
    """Which arrays a net has, and its output in training mode with given ones."""
    net = is_block(candidate(), "a network")
    net.initialize(force_reinit=True)
    X = nd.array(np.random.RandomState(5).normal(size=(4, 1, 28, 28)))
    something(net(X[:1]))  # gives the arrays their shapes
    shapes = {"bias": [], "weight": [], "learned beta": []}
    for parameter in net.collect_params().values():
        kind = parameter.name.rpartition("_")[2]
        shapes.setdefault(kind, []).append(str(parameter.shape))
        if kind == "beta" and parameter.grad_req != "null":
            shapes["learned beta"].append(str(parameter.shape))
        if kind in SPREAD:
            middle = 1 if kind == "gamma" else 0
            values = np.random.RandomState(len(shapes[kind])).normal(
                middle, SPREAD[kind], parameter.shape)
            # The last bias is the same, however many come before it.
            parameter.set_data(nd.array(values if values.shape != (10,)
                                        else np.linspace(-1, 1, 10)))
    with autograd.train_mode():
        Y = net(X)
    return {"shapes of the biases": ", ".join(shapes["bias"]) or "none",
            "shapes of the weights": ", ".join(shapes["weight"]),
            "output in training mode": Y,
            "shapes of the learned betas": ", ".join(shapes["learned beta"]) or "none"}
