"""Gradients within small nets, taken with zeros that are added, and in other ways."""
import numpy as np
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import nn

from .judge import Unexpected, described


def small_net(widths, activation, batch_norm, X, random):
    """Dense layers of these widths, each before BN perhaps and an activation."""
    net = nn.HybridSequential()
    for width in widths:
        net.add(nn.Dense(width))
        if batch_norm:
            net.add(nn.BatchNorm())
        net.add(nn.Activation(activation))
    net.add(nn.Dense(3))
    net.initialize(init.Zero())
    net(X)
    for name, parameter in net.collect_params().items():
        if name.endswith("weight"):
            parameter.set_data(nd.array(random.normal(0, 0.6, parameter.shape)))
    return net


def gradients_by_layer(net, X, y, mode=autograd.record, tap_before=True,
                       kind=nn.Activation):
    """The gradient at each such layer's input (or output), first layer first."""
    taps, Y = [], X
    with mode():
        for layer in net:
            here = isinstance(layer, kind)
            Y = Y if tap_before or not here else layer(Y)
            if here:
                taps.append(nd.zeros_like(Y))
                taps[-1].attach_grad()
                Y = Y + taps[-1]
            Y = layer(Y) if tap_before or not here else Y
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(Y, y)
    loss.backward()
    return [tap.grad.asnumpy() for tap in taps]


def behind_dense(net, X, y):
    """gradient_ratio at the outputs of the hidden dense layers, in front of BN."""
    first, *_, last, _ = gradients_by_layer(net, X, y, tap_before=False, kind=nn.Dense)
    return float(np.sqrt(np.mean(first ** 2) / np.mean(last ** 2)))


def of_weights(net, X, y, end=-1):
    """The same ratio of the dense layers' weights; end: None with the output layer."""
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y)
    loss.backward()
    hidden = [layer.weight.grad().asnumpy() for layer in net
              if isinstance(layer, nn.Dense)][:end]
    return float(np.sqrt(np.mean(hidden[0] ** 2) / np.mean(hidden[-1] ** 2)))


def attached(gradient_ratio, net, X, y):
    """gradient_ratio(net, X, y); a gradient that was never attached is told."""
    try:
        return gradient_ratio(net, X, y)
    except Exception as err:
        if "expects 1 inputs, but got 0" in str(err) or "'NoneType'" in str(err):
            raise Unexpected(described(err), "no error; an array has no grad (it is "
                             "None) before attach_grad()") from err
        raise
