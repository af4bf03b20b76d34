"""Layers that normalise without gamma and beta, right and wrong, and what they do."""
import contextlib
import tempfile
from pathlib import Path

import mxnet as mx
from mxnet import autograd, init, nd
from mxnet.base import MXNetError
from mxnet.gluon import nn

from ..norm import batch_norm
from .compare import in_words
from .judge import Unexpected, something
from .wording import Words

RECORDED = ("an error: an array of autograd's graph is written in place",
            "the new statistics written under autograd.pause()")
ELSEWHERE = ("an error: a batch on cpu(1) meets arrays on cpu(0)",
             "an output on cpu(1), where the batch is")


class PlainNorm(nn.Block):
    """Normalises with running statistics, its only parameters."""

    momentum, start, grad_req, registers, writes = 0.9, 1, "null", True, "in place"
    eps, factor_and_offset = 1e-5, (1, 0)
    batch_in_prediction = scales = constants = one_device = False

    def __init__(self, num_features, **kwargs):
        super().__init__(**kwargs)
        shape = (num_features,)
        if self.scales:
            how = {"shape": shape, "grad_req": self.scales}
            self.gamma = self.params.get("gamma", init=init.One(), **how)
            self.beta = self.params.get("beta", init=init.Zero(), **how)
        if not self.registers:
            self.mean, self.var = nd.zeros(shape), nd.full(shape, self.start)
            return
        fixed = {"shape": shape, "grad_req": self.grad_req}
        self.running_mean = self.params.get("running_mean", init=init.Zero(), **fixed)
        self.running_var = self.params.get("running_var",
                                           init=init.Constant(self.start), **fixed)

    def forward(self, X):
        mean, var = ((self.running_mean.data(X.context), self.running_var.data(
            X.context)) if self.registers else
            (self.mean.as_in_context(X.context), self.var.as_in_context(X.context)))
        training = autograd.is_training()
        if self.one_device:
            mean, var = self.running_mean.data(), self.running_var.data()
        ones, zeros = (nd.full(mean.shape, value, ctx=mean.context)
                       for value in self.factor_and_offset)
        with autograd.train_mode() if self.batch_in_prediction or training else (
                autograd.predict_mode()):
            Y, new_mean, new_var = batch_norm(X, ones, zeros, mean, var, self.eps,
                                              self.momentum)
            if training and self.constants:
                Y = (X - X.detach()) * of_batch(X, self.eps) + Y.detach()
        if training and self.writes == "recorded":
            raise Unexpected(*RECORDED)
        if training and self.writes:
            with autograd.pause():
                if not self.registers:
                    self.mean, self.var = new_mean, new_var
                elif self.writes == "set_data":
                    self.running_mean.set_data(new_mean)
                    self.running_var.set_data(new_var)
                else:
                    if self.writes != "only the variance":
                        mean[:] = new_mean
                    if self.writes != "only the mean":
                        var[:] = new_var
        return Y


def of_batch(X, eps):
    """1 / sqrt(variance + eps) of a batch, a constant for autograd."""
    axes = tuple(i for i in range(X.ndim) if i != 1)
    with autograd.pause():
        centred = X - X.mean(axis=axes, keepdims=True)
        return 1 / nd.sqrt(nd.square(centred).mean(axis=axes, keepdims=True) + eps)


def plain(**changes):
    """PlainNorm with other class attributes: one mistake."""
    return type("PlainNorm", (PlainNorm,), changes)


class OnlyTheBatch(nn.Block):
    """Keeps nothing, and normalises every batch with itself."""

    def __init__(self, num_features, **kwargs):
        super().__init__(**kwargs)
        self.num_features = num_features

    def forward(self, X):
        C = self.num_features
        with autograd.train_mode():
            return batch_norm(X, nd.ones(C, X.context), nd.zeros(C, X.context),
                              nd.zeros(C, X.context), nd.ones(C, X.context), 1e-5, 0)[0]


PLAIN_MISTAKES = [
    (plain(registers=False),
     "The statistics are plain arrays: Gluon neither lists nor saves them. Get them "
     "from self.params."),
    (plain(registers=False, start=0),
     "The statistics are plain arrays, and the variance starts at 0: get them from "
     "self.params, with init.One() for the variance."),
    (plain(scales="write"), "gamma and beta are still among the parameters."),
    (plain(scales="null"), "gamma and beta are not trained, but they are still "
                           "among the parameters."),
    (plain(writes=None), "The statistics never move: write the new ones into the "
                         "parameters in training mode."),
    (plain(writes="only the mean"), "The running variance never moves."),
    (plain(writes="only the variance"), "The running mean never moves."),
    (plain(grad_req="write"), "The statistics ask for a gradient: a trainer would wait "
                              "for it. grad_req must be \"null\"."),
    (plain(one_device=True),
     "Take the copy of X's device: data(X.context). Arrays made in forward need "
     "ctx=X.context too, or nd.ones_like."),
    (plain(writes="recorded"),
     "The new statistics are written while autograd records: write them under "
     "autograd.pause()."),
    (plain(constants=True),
     "Mean and variance of the batch are constants for autograd, by pause() or "
     "detach(): pause only the writing of the running statistics."),
    (plain(factor_and_offset=(0, 1)),
     "gamma and beta are exchanged: a factor of 1 and an offset of 0 change nothing."),
    (plain(eps=1e-3), "eps is 1e-3; asked is 1e-5."),
    (plain(eps=1e-2), "eps is 1e-2; asked is 1e-5."),
    (plain(start=0), "The running variance starts at 0; BatchNorm starts it at 1."),
    (plain(writes="set_data"), "set_data writes the copies of all devices; write into "
                               "that of the input's device, in place."),
    (plain(batch_in_prediction=True), "Prediction uses the statistics of its own "
                                      "batch; it must use the running ones."),
    (OnlyTheBatch, "The layer keeps nothing: each batch, in prediction mode too, is "
                   "normalised with itself."),
    (plain(momentum=0.1), "The momentum is the wrong way round: 0.9 is the share of "
                          "the old value."),
]


def use_layer(candidate, X):
    """Three training passes, a prediction, the parameters, a file, a second device."""
    layer = new(candidate, X.shape[1])
    X_new = nd.array(X * 2 + 1)
    seen = {"output in prediction mode before any batch": array(layer(X_new))}
    for step in (1, 2, 3):
        X_step = nd.array(X * (1 + step) / 2 + step)
        X_step.attach_grad()
        with autograd.record(), told("Assigning to NDArrays", RECORDED):
            Y = array(layer(X_step))
            loss = (nd.square(nd.sigmoid(Y))).sum()
        loss.backward()
        seen[f"output of batch {step} in training mode"] = Y
        seen[f"gradient of X in batch {step}"] = X_step.grad.copy()
    seen["output in prediction mode after three batches"] = layer(X_new)
    parameters = list(layer.collect_params().values())
    seen["number of parameters"] = len(parameters)
    seen["their grad_req"] = Words(", ".join(p.grad_req for p in parameters))
    sound = len(parameters) == 2  # else its own errors would hide what is wrong
    seen["output of a new layer that loads the file"] = sound and after_loading(
        candidate, layer, X.shape[1], X_new)
    seen["prediction on cpu(0) after a batch on cpu(1)"] = sound and on_two_devices(
        candidate, X)
    return seen


def array(value):
    """The NDArray that a layer gave."""
    if not isinstance(something(value), nd.NDArray):
        raise Unexpected(in_words(value), "an NDArray of the input's shape")
    return value


def new(candidate, num_features, devices=1):
    layer = candidate(num_features)
    if not isinstance(layer, nn.Block):
        raise Unexpected(in_words(layer), "an nn.Block")
    layer.initialize(ctx=[mx.cpu(i) for i in range(devices)])
    return layer


def after_loading(candidate, layer, num_features, X):
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "layer.params")
        in_a_net(layer).save_parameters(path)
        loaded = in_a_net(new(candidate, num_features))
        loaded.load_parameters(path)
    return loaded(X)


def in_a_net(layer):
    """A net of the layer: its file names parameters by the layer's attributes."""
    net = nn.Sequential()
    net.add(layer)
    return net


@contextlib.contextmanager
def told(words, row):
    """Tell an error whose text has these words as `row`: what came, what should."""
    try:
        yield
    except (ValueError, MXNetError) as err:
        if words in str(err):
            raise Unexpected(*row) from err
        raise


def on_two_devices(candidate, X):
    layer = new(candidate, X.shape[1], devices=2)
    with autograd.train_mode(), told("cpu(0)", ELSEWHERE):
        layer(nd.array(X, ctx=mx.cpu(1))).wait_to_read()
    return layer(nd.array(X))
