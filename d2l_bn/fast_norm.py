"""The numbers of `norm`, computed faster: products of ones, which Gluon can compile.

Written in lesson 08. On a CPU a mean over several axes and the backward pass of
broadcasting take many times as long as the arithmetic they stand for. A product with a
row of 1/N averages over N samples, and one with a column of N ones repeats for each.
"""
from mxnet import autograd, nd
from mxnet.gluon import nn

from .arguments import check_batch_norm, check_rank
from .norm import BatchNorm


def normalise(F, X, gamma, beta, eps, mean_row, ones_column, ones_sample):
    """Batch normalization of X with its own statistics: returns (Y, mean, var).

    F: whose operators are used: `mxnet.nd`, or `mxnet.sym` when Gluon compiles.
    X: (N, C, ...); Y too. gamma, beta: (1, C, 1, ...), and so are mean and var.
    eps: (1, 1, 1, ...). mean_row: (1, N), each 1/N; ones_column: (N, 1); ones_sample:
    (1, C, ...), the shape of one sample. Source: Ioffe and Szegedy 2015, algorithm 1.
    """
    def channel_mean(X):  # over the samples by a product, then over few numbers
        return F.mean(F.dot(mean_row, X), axis=1, exclude=True, keepdims=True)

    def repeat(v):  # for each place of a sample, then for each of the N samples
        return F.dot(ones_column, F.broadcast_mul(v, ones_sample))

    mean = channel_mean(X)
    centred = X + repeat(-mean)  # the sign on C numbers, not on the whole batch
    var = channel_mean(F.square(centred))
    scale = gamma / F.sqrt(F.broadcast_add(var, eps))
    Y = repeat(scale) * centred + repeat(beta)
    return Y, F.BlockGrad(mean), F.BlockGrad(var)  # statistics: not in the graph


class Normalise(nn.HybridBlock):
    """`normalise` as a block: `hybridize()` compiles it."""

    def hybrid_forward(self, F, X, *arrays):
        return normalise(F, X, *arrays)

    def __getstate__(self):
        # What was compiled cannot be copied or pickled; a copy compiles it anew.
        return {**self.__dict__, "_cached_op": None, "_cached_graph": (),
                "_cached_op_args": []}


class FastBatchNorm(BatchNorm):
    """`BatchNorm` with the same arguments, parameters, files and numbers, but faster.

    `hybridize()`, of the layer or of a net that holds it, compiles the formula.
    """

    def __init__(self, num_features, num_dims=None, eps=1e-5, momentum=0.9, **kwargs):
        super().__init__(num_features, num_dims, eps, momentum, **kwargs)
        self.normalise = Normalise()

    def forward(self, X):
        if not autograd.is_training():
            return super().forward(X)  # with stored statistics there is no mean to take
        check_rank(X, self.num_dims)
        gamma, beta, running_mean, running_var = (
            parameter.data(X.context) for parameter in
            (self.gamma, self.beta, self.running_mean, self.running_var))
        check_batch_norm(X, gamma, beta, running_mean, running_var,
                         self.eps, self.momentum)
        N, per_channel = X.shape[0], (1, -1) + (1,) * (X.ndim - 2)
        kind = {"ctx": X.context, "dtype": X.dtype}
        eps = nd.full((1,) * X.ndim, self.eps, **kind)  # an input: it may change
        mean_row, ones_column = nd.full((1, N), 1 / N, **kind), nd.ones((N, 1), **kind)
        ones_sample = nd.ones((1, *X.shape[1:]), **kind)
        Y, mean, var = self.normalise(
            X, gamma.reshape(per_channel), beta.reshape(per_channel), eps,
            mean_row, ones_column, ones_sample)
        with autograd.pause():  # in place: these arrays belong to the parameters
            for moving, batch in ((running_mean, mean), (running_var, var)):
                moving[:] = (self.momentum * moving
                             + (1 - self.momentum) * batch.reshape(moving.shape))
        return Y
