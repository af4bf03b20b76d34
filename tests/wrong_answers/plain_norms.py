"""Wrong layers without scale and shift (lesson 04), as learners write them."""
from d2l_bn import BatchNorm, batch_norm

from mxnet import autograd, init, nd
from mxnet.gluon import nn


class FrozenGamma(BatchNorm):
    def __init__(self, num_features):
        super().__init__(num_features)
        self.gamma.grad_req = "null"
        self.beta.grad_req = "null"


class SetData(nn.Block):
    def __init__(self, num_features, **kwargs):
        super().__init__(**kwargs)
        self.running_mean = self.params.get("running_mean", shape=(num_features,),
                                            init=init.Zero(), grad_req="null")
        self.running_var = self.params.get("running_var", shape=(num_features,),
                                           init=init.One(), grad_req="null")

    def forward(self, X):
        mean = self.running_mean.data(X.context)
        var = self.running_var.data(X.context)
        Y, new_mean, new_var = batch_norm(X, nd.ones_like(mean), nd.zeros_like(mean),
                                          mean, var, 1e-5, 0.9)
        if autograd.is_training():
            with autograd.pause():
                self.running_mean.set_data(new_mean)
                self.running_var.set_data(new_var)
        return Y


class NeverWrites(SetData):
    def forward(self, X):
        mean = self.running_mean.data(X.context)
        var = self.running_var.data(X.context)
        Y, mean, var = batch_norm(X, nd.ones_like(mean), nd.zeros_like(mean), mean,
                                  var, 1e-5, 0.9)
        return Y


class BooksWay(nn.Block):
    def __init__(self, num_features, **kwargs):
        super().__init__(**kwargs)
        self.mean, self.var = nd.zeros(num_features), nd.ones(num_features)

    def forward(self, X):
        Y, self.mean, self.var = batch_norm(
            X, nd.ones_like(self.mean), nd.zeros_like(self.mean), self.mean, self.var,
            1e-5, 0.9)
        return Y


class Registered(SetData):
    """Sound parameters; its forward is what the next ones get wrong."""

    eps, one, zero = 1e-5, nd.ones_like, nd.zeros_like

    def device_of(self, X):
        return X.context

    def forward(self, X):
        mean = self.running_mean.data(self.device_of(X))
        var = self.running_var.data(self.device_of(X))
        gamma, beta = type(self).one(mean), type(self).zero(mean)
        Y, new_mean, new_var = batch_norm(X, gamma, beta, mean, var, self.eps, 0.9)
        if autograd.is_training():
            with autograd.pause():
                mean[:] = new_mean
                var[:] = new_var
        return Y


class LargeEps(Registered):
    eps = 1e-3


class AnyDevice(Registered):
    def device_of(self, X):
        return None


class Exchanged(Registered):
    one, zero = nd.zeros_like, nd.ones_like


class ByHand(SetData):
    def statistics(self, X):
        axes = tuple(i for i in range(X.ndim) if i != 1)
        mean = X.mean(axis=axes, keepdims=True)
        return mean, nd.square(X - mean).mean(axis=axes, keepdims=True)

    def forward(self, X):
        running_mean = self.running_mean.data(X.context)
        running_var = self.running_var.data(X.context)
        if autograd.is_training():
            mean, var = self.statistics(X)
            running_mean[:] = 0.9 * running_mean + 0.1 * mean.reshape((-1,))
            running_var[:] = 0.9 * running_var + 0.1 * var.reshape((-1,))
        else:
            shape = (1, -1) + (1,) * (X.ndim - 2)
            mean, var = running_mean.reshape(shape), running_var.reshape(shape)
        return (X - mean) / nd.sqrt(var + 1e-5)


class Paused(ByHand):
    def statistics(self, X):
        with autograd.pause():
            return super().statistics(X)


WRONG_LAYERS = [
    (BooksWay, "plain arrays"), (FrozenGamma, "still among"),
    (SetData, "all devices"), (NeverWrites, "never move"),
    (LargeEps, "eps is 1e-3"), (AnyDevice, "data(X.context)"),
    (Exchanged, "are exchanged"), (ByHand, "while autograd records"),
    (Paused, "constants for autograd")]
