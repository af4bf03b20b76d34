"""Batch normalization as the formula reads: the function and the layer.

Written in lessons 03 and 04. `fast_norm` computes the same numbers faster.
"""
from mxnet import autograd, init, nd
from mxnet.gluon import nn

from .arguments import check_batch_norm, check_layer, check_rank


def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    """Batch normalization over every axis of X but axis 1, the channel axis.

    X: (N, C), (N, C, L), (N, C, H, W), ...: any rank from 2, float32 or float64.
    gamma, beta, moving_mean, moving_var: C numbers each, of shape (C,), (1, C) or
    (1, C, 1, 1), in the dtype and on the context of X.
    eps: added to the variance, inside the square root; at least 0.
    momentum: the share of the old value that a moving statistic keeps, 0 to 1.
    Returns (Y, moving_mean, moving_var): Y as X in shape; the moving statistics in the
    shape given, updated in training mode, as they came in prediction mode, never part
    of the graph. The variance is the population's. Source: Ioffe and Szegedy 2015,
    algorithm 1. Raises TypeError or ValueError that names the argument at fault.
    """
    check_batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum)
    per_channel = (1, -1) + (1,) * (X.ndim - 2)  # one number a channel, to broadcast
    if autograd.is_training():
        axes = (0, *range(2, X.ndim))  # all but axis 1, the channels
        mean = X.mean(axis=axes, keepdims=True)
        var = nd.square(X - mean).mean(axis=axes, keepdims=True)
        with autograd.pause():  # the moving statistics are not part of the graph
            moving_mean = (momentum * moving_mean
                           + (1 - momentum) * mean.reshape(moving_mean.shape))
            moving_var = (momentum * moving_var
                          + (1 - momentum) * var.reshape(moving_var.shape))
    else:
        mean = moving_mean.reshape(per_channel).detach()
        var = moving_var.reshape(per_channel).detach()
    X_hat = (X - mean) / nd.sqrt(var + eps)
    Y = gamma.reshape(per_channel) * X_hat + beta.reshape(per_channel)
    return Y, moving_mean, moving_var


class BatchNorm(nn.Block):
    """Batch normalization as a Gluon layer, after Ioffe and Szegedy 2015.

    num_features: C, the length of axis 1 of the input.
    num_dims: the rank of the input; None takes any rank from 2.
    eps, momentum: see `batch_norm`.
    Its parameters gamma, beta, running_mean and running_var, of shape (C,), have the
    names of those of `gluon.nn.BatchNorm`: parameter files fit both. The statistics
    move in each forward pass in training mode. Errors name the argument at fault.
    """

    def __init__(self, num_features, num_dims=None, eps=1e-5, momentum=0.9, **kwargs):
        super().__init__(**kwargs)
        check_layer(num_features, num_dims, eps, momentum)
        self.num_dims, self.eps, self.momentum = num_dims, eps, momentum
        shape = (int(num_features),)
        self.gamma = self.params.get("gamma", shape=shape, init=init.One())
        self.beta = self.params.get("beta", shape=shape, init=init.Zero())
        # Registered: saved, cast and moved with the rest. null: no trainer steps them.
        fixed = {"shape": shape, "grad_req": "null", "differentiable": False}
        self.running_mean = self.params.get("running_mean", init=init.Zero(), **fixed)
        self.running_var = self.params.get("running_var", init=init.One(), **fixed)

    def forward(self, X):
        check_rank(X, self.num_dims)
        gamma, beta, running_mean, running_var = (
            parameter.data(X.context) for parameter in
            (self.gamma, self.beta, self.running_mean, self.running_var))
        Y, new_mean, new_var = batch_norm(X, gamma, beta, running_mean, running_var,
                                          self.eps, self.momentum)
        if autograd.is_training():
            with autograd.pause():  # in place: these arrays belong to the parameters
                running_mean[:] = new_mean
                running_var[:] = new_var
        return Y
