"""Batch normalization from scratch: the function (lesson 03), the layer (lesson 04)."""
import math

from mxnet import autograd, init, nd
from mxnet.gluon import nn

from .arguments import check_number, check_whole


def channel_mean(D, num_channels):
    """Mean of each channel, shape (C,), of rows D of shape (N, C * S).

    A row holds one sample, its S numbers of channel 0 first, then those of channel 1,
    ... The mean over N is a product with a row of 1/N: much faster here than a mean
    over axes.
    """
    N = D.shape[0]
    weights = nd.full((1, N), 1 / N, ctx=D.context, dtype=D.dtype)
    return nd.dot(weights, D).reshape((num_channels, -1)).mean(axis=1)


def spread(v, D):
    """The numbers v, one a channel, repeated over the places of D, (N, C * S)."""
    N, columns = D.shape
    row = nd.broadcast_to(v.reshape((-1, 1)), (v.size, columns // v.size))
    ones = nd.ones((N, 1), ctx=D.context, dtype=D.dtype)
    return nd.dot(ones, row.reshape((1, -1)))


def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    """Batch normalization over every axis of X but axis 1, the channel axis.

    X: (N, C), (N, C, L), (N, C, H, W), ...: any rank from 2, float32 or float64.
    gamma, beta, moving_mean, moving_var: C numbers each, of shape (C,), (1, C) or
    (1, C, 1, 1), in the dtype and on the context of X.
    eps: added to the variance, inside the square root; at least 0.
    momentum: the share of the old value that a moving statistic keeps, 0 to 1.

    Returns (Y, moving_mean, moving_var): Y as X in shape; the moving statistics in the
    shape given, updated in training mode, as they came in prediction mode, and in
    neither case part of the autograd graph. The variance is the population variance.
    Source: Ioffe and Szegedy 2015, algorithm 1.
    Raises TypeError or ValueError that names the argument at fault.
    """
    check_arguments(X, gamma, beta, moving_mean, moving_var, eps, momentum)
    N, C = X.shape[:2]
    D = X.reshape((N, -1))
    if autograd.is_training():
        mean = channel_mean(D, C)
        centred = D - spread(mean, D)
        var = channel_mean(nd.square(centred), C)
        with autograd.pause():  # the moving statistics are not part of the graph
            moving_mean = (momentum * moving_mean
                           + (1 - momentum) * mean.reshape(moving_mean.shape))
            moving_var = (momentum * moving_var
                          + (1 - momentum) * var.reshape(moving_var.shape))
    else:
        centred = D - spread(moving_mean.reshape((-1,)).detach(), D)
        var = moving_var.reshape((-1,)).detach()
    scale = gamma.reshape((-1,)) / nd.sqrt(var + eps)
    Y = spread(scale, D) * centred + spread(beta.reshape((-1,)), D)
    return Y.reshape(X.shape), moving_mean, moving_var


class BatchNorm(nn.Block):
    """Batch normalization as a Gluon layer, after Ioffe and Szegedy 2015.

    num_features: C, the length of axis 1 of the input.
    num_dims: the rank of the input; None takes any rank from 2.
    eps, momentum: see `batch_norm`.

    Its parameters gamma, beta, running_mean and running_var, of shape (C,), have the
    names that `gluon.nn.BatchNorm` uses, so that parameter files fit both. The running
    statistics move in each forward pass in training mode.
    """

    def __init__(self, num_features, num_dims=None, eps=1e-5, momentum=0.9, **kwargs):
        super().__init__(**kwargs)
        check_layer_arguments(num_features, num_dims, eps, momentum)
        self.num_dims, self.eps, self.momentum = num_dims, eps, momentum
        shape = (num_features,)
        self.gamma = self.params.get("gamma", shape=shape, init=init.One())
        self.beta = self.params.get("beta", shape=shape, init=init.Zero())
        # Registered, so that they are saved, cast and moved with the rest; grad_req
        # null, so that no trainer touches them.
        kept = {"shape": shape, "grad_req": "null", "differentiable": False}
        self.running_mean = self.params.get("running_mean", init=init.Zero(), **kept)
        self.running_var = self.params.get("running_var", init=init.One(), **kept)

    def forward(self, X):
        if self.num_dims is not None and X.ndim != self.num_dims:
            raise ValueError(f"X must have num_dims={self.num_dims} axes, "
                             f"got shape {X.shape}")
        gamma, beta, running_mean, running_var = (
            parameter.data(X.context) for parameter in
            (self.gamma, self.beta, self.running_mean, self.running_var))
        Y, mean, var = batch_norm(X, gamma, beta, running_mean, running_var,
                                  self.eps, self.momentum)
        if autograd.is_training():
            with autograd.pause():  # in place: these arrays belong to the parameters
                running_mean[:] = mean
                running_var[:] = var
        return Y


def check_layer_arguments(num_features, num_dims, eps, momentum):
    """Refuse arguments from which no `BatchNorm` can be made."""
    check_whole("num_features", num_features, 1)
    if num_dims is not None:
        check_whole("num_dims", num_dims, 2)
    check_number("eps", eps, 0, math.inf)
    check_number("momentum", momentum, 0, 1)


def check_arguments(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    """Refuse what `batch_norm` cannot normalise; MXNet would not always say so."""
    vectors = {"gamma": gamma, "beta": beta, "moving_mean": moving_mean,
               "moving_var": moving_var}
    for name, value in {"X": X, **vectors}.items():
        if not isinstance(value, nd.NDArray):
            raise TypeError(f"{name} must be an NDArray, got {type(value).__name__}")
    if X.dtype.__name__ not in ("float32", "float64"):
        raise TypeError(f"X must be float32 or float64, got {X.dtype.__name__}")
    if X.ndim < 2 or X.size == 0:
        raise ValueError("X must have at least 2 axes, (N, C, ...), and not be empty, "
                         f"got shape {X.shape}")
    C = X.shape[1]
    if autograd.is_training() and X.size == C:
        raise ValueError("X must hold more than one number for each channel in "
                         f"training mode, to have a variance, got shape {X.shape}")
    for name, value in vectors.items():
        if value.shape not in ((C,), (1, C) + (1,) * (value.ndim - 2)):
            raise ValueError(f"{name} must hold one number for each channel of X, in "
                             f"shape ({C},) or (1, {C}, 1, 1), got {value.shape}")
        if value.dtype != X.dtype or value.context != X.context:
            raise ValueError(f"{name} must have the dtype and the context of X, "
                             f"{X.dtype.__name__} on {X.context}, "
                             f"got {value.dtype.__name__} on {value.context}")
    check_number("eps", eps, 0, math.inf)
    check_number("momentum", momentum, 0, 1)
