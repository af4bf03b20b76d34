"""Wrong answers to the exercises of lesson 09."""
from d2l_bn import check  # noqa: F401 - it makes MXNet importable

import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

VERDICTS = {"BN ends exploding gradients at the start, at any depth": "refuted",
            "behind BN, Gluon's weights do about as well as He's": "shown",
            "with He's weights BN is behind at the smallest rate": "shown",
            "BN can only help while the inputs move little": "refuted",
            "smoothness is the reason why BN helps ReLU nets": "not shown",
            "in residual nets of 100 layers BN gains by larger rates": "not shown"}
SMOOTH, RESIDUAL = list(VERDICTS)[-2:]
ONLY = "BN can only help while the inputs move little"


def counts_layers(ratio, depth, new_depth):
    return (ratio ** (1 / depth)) ** new_depth


def in_proportion(ratio, depth, new_depth):
    return ratio / (depth - 1) * (new_depth - 1)


def one_layer(ratio, depth, new_depth):
    return np.exp(np.log(ratio) / (depth - 1))


def exponent_upside_down(ratio, depth, new_depth):
    return ratio ** ((depth - 1) / (new_depth - 1))


def always_the_lessons_factor(ratio, depth, new_depth):
    return ratio * 1.21 ** (new_depth - depth)


def taps_of(net, X, y, train_mode=True):
    loss_function, taps = gluon.loss.SoftmaxCrossEntropyLoss(), []
    with autograd.record(train_mode=train_mode):
        for layer in net:
            if isinstance(layer, nn.Activation):
                taps += [nd.zeros(X.shape)]
                taps[-1].attach_grad()
                X = X + taps[-1]
            X = layer(X)
        loss = loss_function(X, y).mean()
    loss.backward()
    return [tap.grad for tap in taps]


def rms(array):
    return nd.square(array).mean().sqrt().asscalar()


def norms(net, X, y):
    gradients = taps_of(net, X, y)
    return (gradients[0].norm() / gradients[-1].norm()).asscalar()


def upside_down(net, X, y):
    first, *_, last = taps_of(net, X, y)
    return rms(last) / rms(first)


def in_prediction_mode(net, X, y):
    first, *_, last = taps_of(net, X, y, train_mode=False)
    return rms(first) / rms(last)


def of_the_weights(net, X, y):
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y)
    loss.backward()
    weights = [p for name, p in net.collect_params().items() if name.endswith("weight")]
    return rms(weights[0].grad()) / rms(weights[-2].grad())


def attaches_to_Y(net, X, y):
    inputs = []
    with autograd.record():
        for layer in net:
            if isinstance(layer, nn.Activation):
                X.attach_grad()
                inputs.append(X)
            X = layer(X)
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(X, y)
    loss.backward()
    return rms(inputs[0].grad) / rms(inputs[-1].grad)


def behind_dense(net, X, y):
    taps = []
    with autograd.record():
        for layer in net:
            X = layer(X)
            if isinstance(layer, nn.Dense):
                taps.append(nd.zeros(X.shape))
                taps[-1].attach_grad()
                X = X + taps[-1]
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(X, y)
    loss.backward()
    return rms(taps[0].grad) / rms(taps[-2].grad)


class ForEachSample(nn.HybridBlock):
    def hybrid_forward(self, F, X):
        return X + F.random.uniform_like(X, low=-1, high=1)


class DefaultBounds(nn.HybridBlock):
    def hybrid_forward(self, F, X):
        row = F.slice_axis(X, axis=0, begin=0, end=1)
        return F.broadcast_add(X, F.random.uniform_like(row))


class DrawnOnce(nn.HybridBlock):
    def __init__(self):
        super().__init__()
        self.mu = None

    def forward(self, X):
        if self.mu is None:
            self.mu = nd.random.uniform(-1, 1, shape=(1, X.shape[1]))
        return nd.broadcast_add(X, self.mu)


class OneForAll(nn.HybridBlock):
    def hybrid_forward(self, F, X):
        return F.broadcast_add(X, F.random.uniform(-1, 1, (1, 1)))


class Scales(nn.HybridBlock):
    def hybrid_forward(self, F, X):
        row = F.slice_axis(X, axis=0, begin=0, end=1)
        return F.broadcast_mul(X, F.random.uniform_like(row, low=-1, high=1))


CONTROLS = {"large rates are the gain": "C", "calm inputs are the reason": "A",
            "noise regularises": "E", "BN makes careful weights needless": "B",
            "BN learns faster at its best": "D"}

WRONG = {
    "verdicts": [(VERDICTS | {SMOOTH: "shown"}, "goes with BN"),
                 (VERDICTS | {RESIDUAL: "refuted"}, "Nothing here speaks against"),
                 (VERDICTS | {ONLY: "not shown"}, "one counterexample")],
    "ratio_at": [(counts_layers, "L - 1"), (in_proportion, "in proportion"),
                 (one_layer, "factor of one layer"),
                 (exponent_upside_down, "exponent is upside down"),
                 (always_the_lessons_factor, "always 1.21")],
    "gradient_ratio": [(attaches_to_Y, "cuts Y off"),
                       (behind_dense, "behind the dense layers"),
                       (norms, "ratio of norms"), (upside_down, "upside down"),
                       (in_prediction_mode, "prediction mode"),
                       (of_the_weights, "gradient of the weights")],
    "only_shift": [(ForEachSample, "Each sample gets numbers"),
                   (DefaultBounds, "between 0 and 1"), (DrawnOnce, "drawn once"),
                   (OneForAll, "for all units"), (Scales, "multiplied")],
    "missing_control": [
        (CONTROLS | {"large rates are the gain": "D",
                     "BN learns faster at its best": "C"}, "same small rate"),
        (CONTROLS | {"calm inputs are the reason": "E", "noise regularises": "A"},
         "made to move"),
        (CONTROLS | {"BN makes careful weights needless": "D",
                     "BN learns faster at its best": "B"}, "plain net says nothing"),
        (CONTROLS | {"noise regularises": "A"}, "BN's own must grow")],
}
