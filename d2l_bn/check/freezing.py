"""A compiled net whose BN layers are to be frozen: ways to do it, and what they do."""
import numpy as np
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import nn

from .compare import in_words
from .judge import NotAnswered, Unexpected
from .remember import remember
from .statistics_of_nets import norms


def train_on(layer, X):
    """A forward and a backward pass in training mode with gradients of zero."""
    X = X.copy()
    X.attach_grad()
    with autograd.record():
        Y = layer(X)
    Y.backward(nd.zeros_like(Y))
    nd.waitall()
    return Y


def trained_net():
    """Two dense layers with BN behind each, compiled, after passes over a batch."""
    net = nn.HybridSequential()
    net.add(nn.Dense(4, in_units=3), nn.BatchNorm(in_channels=4),
            nn.Activation("tanh"), nn.Dense(3, in_units=4),
            nn.BatchNorm(in_channels=3), nn.Dense(1, in_units=3))
    net.initialize(init.Zero())
    random = np.random.RandomState(12)
    for layer in (net[0], net[3], net[5]):
        layer.weight.set_data(nd.array(random.normal(size=layer.weight.shape)))
    for layer in norms(net):
        layer.gamma.set_data(nd.array(random.uniform(0.5, 2, layer.gamma.shape)))
        layer.beta.set_data(nd.array(random.normal(size=layer.beta.shape)))
    net.hybridize()
    for _ in range(3):
        train_on(net, batch(random))
    return net


def batch(random):
    return nd.array(random.normal(1, 2, (8, 3)))


def settings(net):
    """What a freezing may have touched."""
    return [(layer._kwargs.get("use_global_stats"), layer.gamma.grad_req,
             layer.gamma.lr_mult) for layer in norms(net)], net._active


def frozen_net(candidate):
    """Both modes, and what training still moves."""
    net = trained_net()
    X = batch(np.random.RandomState(14)) * 2
    before, prediction = settings(net), net(X)
    returned = candidate(net)
    if returned is None or returned is ...:
        if settings(net) == before:
            raise NotAnswered
        raise Unexpected("nothing", "net: return it at the end")
    if returned is not net:
        raise Unexpected(in_words(returned), "net itself, changed in place")
    seen = {"prediction less that before freeze": net(X) - prediction}
    random = np.random.RandomState(13)
    with autograd.train_mode():
        in_training = net(X)
    seen["output in training mode less that in prediction mode"] = in_training - net(X)
    statistics = [parameter for layer in norms(net)
                  for parameter in (layer.running_mean, layer.running_var)]
    scales = [parameter for layer in norms(net)
              for parameter in (layer.gamma, layer.beta)]
    others = [parameter for layer in net if isinstance(layer, nn.Dense)
              for parameter in (layer.weight,)]
    groups = {"running statistics moved": statistics, "gamma or beta moved": scales,
              "all other weights moved": others}
    start = {name: [p.data().copy() for p in group] for name, group in groups.items()}
    steps(net, random)
    for name, group in groups.items():
        moved = [abs((p.data() - old).asnumpy()).max() > 1e-6
                 for p, old in zip(group, start[name], strict=True)]
        seen[name] = all(moved) if name.startswith("all") else any(moved)
    seen["net is compiled"] = net._active
    seen["use_global_stats is set in each BN layer"] = all(
        layer._kwargs.get("use_global_stats") for layer in norms(net))
    return seen


def steps(net, random):
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    for _ in range(3):
        X = batch(random)
        X.attach_grad()  # there is a graph even if nothing is trained
        with autograd.record():
            loss = nd.square(net(X) - 1).mean()
        loss.backward()
        trainer.step(1)


def freeze_by(use_stored=True, no_gradient=True, compile_again=True, which=norms):
    """A way to freeze; the default is right."""
    def freeze(net):
        for layer in which(net):
            if use_stored and isinstance(layer, nn.BatchNorm):
                layer._kwargs["use_global_stats"] = True
            if no_gradient:
                layer.collect_params().setattr("grad_req", "null")
        if compile_again:
            net.hybridize()
        return net
    return freeze


def with_setting(name, value, **changes):
    """freeze_by, and another setting of the operator."""
    def freeze(net):
        for layer in norms(net):
            layer._kwargs[name] = value
        return freeze_by(**changes)(net)
    return freeze


def with_gamma(value):
    """freeze_by, and gamma replaced."""
    def freeze(net):
        for layer in norms(net):
            layer.gamma.set_data(nd.full(layer.gamma.shape, value))
        return freeze_by()(net)
    return freeze


def started_anew(net):
    for layer in norms(net):
        layer.initialize(force_reinit=True)
    return freeze_by()(net)


def nothing(net):
    return net


def uncompiled(net):
    freeze_by()(net)
    net.hybridize(active=False)
    return net


freeze_rightly = freeze_by()
FREEZING_MISTAKES = [
    (freeze_by(use_stored=False), "grad_req \"null\" stops gamma and beta alone: the "
                                  "statistics still move. Set layer._kwargs"
                                  "[\"use_global_stats\"]; an attribute of the "
                                  "layer changes nothing."),
    (freeze_by(compile_again=False), "The compiled net keeps the old setting: call "
                                     "net.hybridize() again."),
    (freeze_by(no_gradient=False), "The statistics stay, but gamma or beta is still "
                                   "trained: grad_req \"null\" for both."),
    (freeze_by(no_gradient=False, compile_again=False),
     "The compiled net keeps the old setting, so nothing changed: call "
     "net.hybridize() again. And gamma and beta are still trained."),
    (nothing, "Nothing is frozen. Does return stand inside the loop? And the operator "
              "reads layer._kwargs, not an attribute of the layer."),
    (with_setting("fix_gamma", True),
     "\"fix_gamma\" sets gamma to 1: predictions are no longer those of the trained "
     "net. Set grad_req \"null\" for both."),
    (started_anew, "The arrays are back at their start: predictions are no longer "
                   "those of the trained net."),
    (with_gamma(1), "gamma is set to 1: predictions are no longer those of the trained "
                    "net. What training has found must stay."),
    (with_gamma(0), "gamma is set to 0: predictions are no longer those of the trained "
                    "net. What training has found must stay."),
    (with_setting("momentum", 1, use_stored=False),
     "With momentum 1 the statistics stay, but training still normalises by its own "
     "batch: set layer._kwargs[\"use_global_stats\"]."),
    (freeze_by(which=list), "All layers are frozen; the other weights must still be "
                            "trained."),
    (freeze_by(which=lambda net: norms(net)[:1]), "Only the first BN layer is frozen."),
    (uncompiled, "The net is no longer compiled: net.hybridize() instead of "
                 "active=False."),
]
observe_freezing = remember(frozen_net, [(freeze_rightly, ""), *FREEZING_MISTAKES])
