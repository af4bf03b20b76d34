"""Batch normalization from scratch: the function (lesson 03), the layer (lesson 04)."""
import functools

from mxnet import autograd, init, nd
from mxnet.gluon import nn

from .arguments import check_number


def normalise(F, X, gamma, beta, average, ones, places, eps):
    """Batch normalization of X with its own statistics: returns (Y, mean, var).

    F: whose operators are used: `mxnet.nd`, or `mxnet.sym` when Gluon compiles.
    X: (N, C, ...); Y too. gamma, beta: (1, C, 1, ...), and so are mean and var.
    average: (1, N) of 1/N; ones: (N, 1); places: (1, C, ...), ones for one sample.
    Source: Ioffe and Szegedy 2015, algorithm 1.
    """
    def channel_mean(X):  # over the samples as a product, then over the few places
        return F.mean(F.dot(average, X), axis=1, exclude=True, keepdims=True)

    def spread(v):  # v at each place of one sample, then that sample N times
        return F.dot(ones, F.broadcast_mul(v, places))

    mean = channel_mean(X)
    centred = X + spread(-mean)  # a minus here costs the backward pass one step more
    var = channel_mean(F.square(centred))
    scale = gamma / F.sqrt(var + eps)
    Y = spread(scale) * centred + spread(beta)
    return Y, F.BlockGrad(mean), F.BlockGrad(var)  # statistics: not in the graph


def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum,
               formula=None):
    """Batch normalization over every axis of X but axis 1, the channel axis.

    X: (N, C), (N, C, L), (N, C, H, W), ...: any rank from 2, float32 or float64.
    gamma, beta, moving_mean, moving_var: C numbers each, of shape (C,), (1, C) or
    (1, C, 1, 1), in the dtype and on the context of X.
    eps: added to the variance, inside the square root; at least 0.
    momentum: the share of the old value that a moving statistic keeps, 0 to 1.
    formula: `normalise` as a function of its arrays, such as one that was compiled.
    Returns (Y, moving_mean, moving_var): Y as X in shape; the moving statistics in the
    shape given, updated in training mode, as they came in prediction mode, never part
    of the graph. The variance is the population's. Source: Ioffe and Szegedy 2015,
    algorithm 1. Raises TypeError or ValueError that names the argument at fault.
    """
    check_arguments(X, gamma, beta, moving_mean, moving_var, eps, momentum)
    per_channel = (1, -1) + (1,) * (X.ndim - 2)  # one number a channel, to broadcast
    gamma, beta = gamma.reshape(per_channel), beta.reshape(per_channel)
    if autograd.is_training():
        N, like = X.shape[0], {"ctx": X.context, "dtype": X.dtype}
        average, ones = nd.full((1, N), 1 / N, **like), nd.ones((N, 1), **like)
        places = nd.ones((1, *X.shape[1:]), **like)
        formula = formula or functools.partial(normalise, nd, eps=eps)
        Y, mean, var = formula(X, gamma, beta, average, ones, places)
        with autograd.pause():  # the moving statistics are not part of the graph
            mean, var = mean.reshape(moving_mean.shape), var.reshape(moving_var.shape)
            moving_mean = momentum * moving_mean + (1 - momentum) * mean
            moving_var = momentum * moving_var + (1 - momentum) * var
    else:
        mean = moving_mean.reshape(per_channel).detach()
        var = moving_var.reshape(per_channel).detach()
        Y = (X - mean) * (gamma / nd.sqrt(var + eps)) + beta
    return Y, moving_mean, moving_var


class BatchNorm(nn.Block):
    """Batch normalization as a Gluon layer, after Ioffe and Szegedy 2015.

    num_features: C, the length of axis 1 of the input.
    num_dims: the rank of the input; None takes any rank from 2.
    eps, momentum: see `batch_norm`.
    Its parameters gamma, beta, running_mean and running_var, of shape (C,), have the
    names of those of `gluon.nn.BatchNorm`: parameter files fit both. The statistics
    move in each forward pass in training mode. `hybridize()` compiles the formula.
    """

    def __init__(self, num_features, num_dims=None, eps=1e-5, momentum=0.9, **kwargs):
        super().__init__(**kwargs)
        check_number("num_features", num_features, 1, whole=True)
        if num_dims is not None:
            check_number("num_dims", num_dims, 2, whole=True)
        check_number("eps", eps, 0)
        check_number("momentum", momentum, 0, 1)
        self.num_dims, self.eps, self.momentum = num_dims, eps, momentum
        shape = (num_features,)
        self.gamma = self.params.get("gamma", shape=shape, init=init.One())
        self.beta = self.params.get("beta", shape=shape, init=init.Zero())
        # Registered: saved, cast and moved with the rest. null: no trainer steps them.
        kept = {"shape": shape, "grad_req": "null", "differentiable": False}
        self.running_mean = self.params.get("running_mean", init=init.Zero(), **kept)
        self.running_var = self.params.get("running_var", init=init.One(), **kept)
        # hybridize() compiles it; until then Gluon calls it with F = nd.
        self.normalise = nn.HybridLambda(
            lambda F, *arrays: normalise(F, *arrays, eps=self.eps))

    def forward(self, X):
        if self.num_dims is not None and X.ndim != self.num_dims:
            raise ValueError(f"X must have num_dims={self.num_dims} axes, "
                             f"got shape {X.shape}")
        gamma, beta, running_mean, running_var = (
            parameter.data(X.context) for parameter in
            (self.gamma, self.beta, self.running_mean, self.running_var))
        Y, mean, var = batch_norm(X, gamma, beta, running_mean, running_var,
                                  self.eps, self.momentum, self.normalise)
        if autograd.is_training():
            with autograd.pause():  # in place: these arrays belong to the parameters
                running_mean[:] = mean
                running_var[:] = var
        return Y


def check_arguments(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    """Refuse what `batch_norm` cannot normalise; MXNet would not always say so."""
    vectors = dict(gamma=gamma, beta=beta, moving_mean=moving_mean,
                   moving_var=moving_var)
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
            raise ValueError(f"{name} must be {X.dtype.__name__} on {X.context}, as X, "
                             f"got {value.dtype.__name__} on {value.context}")
    check_number("eps", eps, 0)
    check_number("momentum", momentum, 0, 1)
