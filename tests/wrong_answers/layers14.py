"""Layers for lesson 14 with the bug left in, or wrongly mended by learners."""
from d2l_bn import BatchNorm, batch_norm

from mxnet import autograd, init, nd
from mxnet.gluon import nn


class Mixing(BatchNorm):
    """Keeps a share `keep()` of the old statistics; subclasses say which."""

    def keep(self):
        return self.momentum

    def forward(self, X):
        stored = self.running_mean.data(), self.running_var.data()
        mean, var = stored
        if autograd.is_training():
            mean = X.mean(axis=0)
            var = nd.square(X - mean).mean(axis=0)
            q = self.keep()
            with autograd.pause():
                for array, new in zip(stored, (mean, var), strict=True):
                    array[:] = q * array + (1 - q) * new
        X_hat = (X - mean) / nd.sqrt(var + self.eps)
        return self.gamma.data() * X_hat + self.beta.data()


class Reversed(Mixing):
    def keep(self):
        return 1 - self.momentum


class ReversedWithAnotherDefault(Reversed):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps=eps, momentum=momentum)


class Starting(nn.Block):
    """The layer of lesson 04, with other starts of the statistics."""
    start = 0.0, 0.0

    def __init__(self, num_features, eps=1e-5, momentum=0.9):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        shape = (num_features,)
        self.gamma = self.params.get("gamma", shape=shape, init=init.One())
        self.beta = self.params.get("beta", shape=shape, init=init.Zero())
        mean, var = self.start
        self.running_mean = self.parameter("running_mean", shape, mean)
        self.running_var = self.parameter("running_var", shape, var)

    def parameter(self, name, shape, value):
        return self.params.get(name, shape=shape, init=init.Constant(value),
                               grad_req="null")

    def forward(self, X):
        stored = [array.data() if hasattr(array, "list_data") else array
                  for array in (self.running_mean, self.running_var)]
        Y, *new = batch_norm(X, self.gamma.data(), self.beta.data(), *stored, self.eps,
                             self.momentum)
        with autograd.pause():
            for array, value in zip(stored, new, strict=True):
                array[:] = value
        return Y


class StartingAtEps(Starting):
    start = 0.0, 1e-5


class StartingAtOneBoth(Starting):
    start = 1.0, 1.0


class BatchInBoth(BatchNorm):
    def forward(self, X):
        mean = X.mean(axis=0)
        var = nd.square(X - mean).mean(axis=0)
        if autograd.is_training():
            self.remember(mean, var)
        X_hat = (X - mean) / nd.sqrt(var + self.eps)
        return self.gamma.data() * X_hat + self.beta.data()

    def remember(self, mean, var):
        q, stored = self.momentum, (self.running_mean.data(), self.running_var.data())
        with autograd.pause():
            for array, new in zip(stored, (mean, var), strict=True):
                array[:] = q * array + (1 - q) * new


class StoredInBoth(BatchInBoth):
    def forward(self, X):
        mean, var = self.running_mean.data().copy(), self.running_var.data().copy()
        if autograd.is_training():
            batch_mean = X.mean(axis=0)
            self.remember(batch_mean, nd.square(X - batch_mean).mean(axis=0))
        X_hat = (X - mean) / nd.sqrt(var + self.eps)
        return self.gamma.data() * X_hat + self.beta.data()


class WhenRecording(BatchInBoth):
    def forward(self, X):
        if autograd.is_recording():
            mean = X.mean(axis=0)
            var = nd.square(X - mean).mean(axis=0)
            self.remember(mean, var)
        else:
            mean, var = self.running_mean.data(), self.running_var.data()
        X_hat = (X - mean) / nd.sqrt(var + self.eps)
        return self.gamma.data() * X_hat + self.beta.data()


class Moving(BatchInBoth):
    def forward(self, X):
        mean = X.mean(axis=0)
        var = nd.square(X - mean).mean(axis=0)
        old = self.running_mean.data().copy(), self.running_var.data().copy()
        self.update(mean, var)
        if not autograd.is_training():
            mean, var = old
        X_hat = (X - mean) / nd.sqrt(var + self.eps)
        return self.gamma.data() * X_hat + self.beta.data()

    def update(self, mean, var):
        self.remember(mean, var)


class MovingWhenRecording(Moving):
    def update(self, mean, var):
        if autograd.is_recording():
            self.remember(mean, var)


class NeverMoving(Moving):
    def update(self, mean, var):
        pass


class Unregistered(Starting):
    start = 0.0, 1.0

    def parameter(self, name, shape, value):
        return nd.full(shape, value)


class MeanRegistered(Starting):
    start = 0.0, 1.0

    def parameter(self, name, shape, value):
        if name == "running_var":
            return nd.full(shape, value)
        return super().parameter(name, shape, value)


class ToBeTrained(Starting):
    start = 0.0, 1.0

    def parameter(self, name, shape, value):
        return self.params.get(name, shape=shape, init=init.Constant(value))


class Compiled(nn.HybridBlock):
    def __init__(self, num_features, eps=1e-5, momentum=0.9):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.remembered = eps
        fixed = {"shape": (num_features,), "grad_req": "null", "differentiable": False}
        self.gamma = self.params.get("gamma", shape=(num_features,), init=init.One())
        self.beta = self.params.get("beta", shape=(num_features,), init=init.Zero())
        self.running_mean = self.params.get("running_mean", init=init.Zero(), **fixed)
        self.running_var = self.params.get("running_var", init=init.One(), **fixed)

    def hybrid_forward(self, F, X, gamma, beta, running_mean, running_var):
        return F.BatchNorm(X, gamma, beta, running_mean, running_var, eps=self.value(),
                           momentum=self.momentum, fix_gamma=False)

    def value(self):
        return self.eps


class Remembering(Compiled):
    def value(self):
        return self.remembered


class NeverCompiled(Compiled):
    def hybridize(self, active=True, **kwargs):
        super().hybridize(False)
