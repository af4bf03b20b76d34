"""Wrong answers to the exercises of lesson 04."""
from d2l_bn import BatchNorm, batch_norm

from mxnet import autograd, init, nd
from mxnet.gluon import nn


def by_name(net):
    trained = kept = 0
    for name, parameter in net.collect_params().items():
        if name.endswith(("running_mean", "running_var")):
            kept += parameter.data().size
        else:
            trained += parameter.data().size
    return trained, kept


def counts_arrays(net):
    parameters = list(net.collect_params().values())
    kept = len([p for p in parameters if p.grad_req == "null"])
    return len(parameters) - kept, kept


def everything_is_trained(net):
    parameters = net.collect_params().values()
    return (sum(p.data().size for p in parameters),
            sum(p.data().size for p in parameters if p.grad_req == "null"))


def divides_alone(moving_var, t, start, momentum):
    return moving_var / (1 - momentum ** t)


def subtracts_the_whole_start(moving_var, t, start, momentum):
    return (moving_var - start) / (1 - momentum ** t)


def multiplies(moving_var, t, start, momentum):
    q = momentum ** t
    return (moving_var - q * start) * (1 - q)


class PlainArrays(nn.Block):
    def __init__(self, num_features, **kwargs):
        super().__init__(**kwargs)
        self.running_mean = nd.zeros(num_features)
        self.running_var = nd.ones(num_features)

    def forward(self, X):
        gamma, beta = nd.ones(X.shape[1], X.context), nd.zeros(X.shape[1], X.context)
        Y, self.running_mean, self.running_var = batch_norm(
            X, gamma, beta, self.running_mean.as_in_context(X.context),
            self.running_var.as_in_context(X.context), 1e-5, 0.9)
        return Y


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


def strips_letters(arrays, prefix):
    return rename({name.lstrip(prefix): array for name, array in arrays.items()})


def replaces_everywhere(arrays, prefix):
    return rename({name.replace(prefix, ""): array for name, array in arrays.items()})


def looks_at_shapes(arrays, prefix):
    renamed = rename({name[len(prefix):]: array for name, array in arrays.items()})
    return {name: array.reshape(-1) if array.shape[0] == 1 else array
            for name, array in renamed.items()}


def forgets_the_shapes(arrays, prefix):
    return {name[len(prefix):].replace("moving_", "running_"): array
            for name, array in arrays.items()}


def forgets_the_names(arrays, prefix):
    return {name[len(prefix):]: array.reshape((-1,)) if "moving" in name or
            name.endswith(("gamma", "beta")) else array
            for name, array in arrays.items()}


def rename(arrays):
    made = {}
    for name, array in arrays.items():
        if name.split(".")[-1] in ("gamma", "beta", "moving_mean", "moving_var"):
            array = array.reshape(-1)
        made[name.replace("moving", "running")] = array
    return made


CAUSES = {"a": "plain arrays", "b": "grad_req", "c": "set_data", "d": "start",
          "e": "graph"}

WRONG = {
    "count_numbers": [(by_name, "not the name"), (counts_arrays, "These are arrays"),
                      (everything_is_trained, "count as trained")],
    "corrected": [(divides_alone, "start is still in it"),
                  (subtracts_the_whole_start, "whole start"),
                  (multiplies, "It is multiplied")],
    "plain_norm": [(PlainArrays, "plain arrays"), (FrozenGamma, "still among"),
                   (SetData, "all devices"), (NeverWrites, "never move")],
    "causes": [({**CAUSES, "a": "start"}, "the file lacks"),
               ({**CAUSES, "b": "graph", "e": "grad_req"}, "no loss reaches"),
               ({**CAUSES, "d": "momentum"}, "has seen nothing")],
    "mended": [(strips_letters, "lstrip"), (replaces_everywhere, "inside a name"),
               (looks_at_shapes, "not by their shapes"),
               (forgets_the_shapes, "keep their axes"),
               (forgets_the_names, "book's names")],
}
