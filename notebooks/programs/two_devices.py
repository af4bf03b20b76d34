"""One gradient, on devices that share a batch and on one that has it whole.

    python two_devices.py LAYER NUM_DEVICES SEED ...

LAYER: BatchNorm or SyncBatchNorm; on one device of its own it is always BatchNorm.
Prints a line a seed: how far apart the outputs, the gradients (relative) and the
devices' running means are.
"""
import signal
import sys

import d2l_bn

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import contrib, nn

signal.alarm(3600)  # seconds: if it hangs and nobody else ends it
layer, num_devices, *seeds = sys.argv[1:]
devices = [mx.cpu(i) for i in range(int(num_devices))]
loss = gluon.loss.SoftmaxCrossEntropyLoss()
layers = {"BatchNorm": lambda num_features, num_dims: nn.BatchNorm(),
          "SyncBatchNorm": lambda num_features, num_dims:
              contrib.nn.SyncBatchNorm(num_devices=len(devices))}


def one_pass(layer, seed, devices):
    """Outputs, summed gradient, and the largest gap between two running means."""
    d2l_bn.seed_everything(seed)
    net = d2l_bn.lenet(layers[layer])
    net.initialize(init.Xavier(), ctx=devices)
    X, y = next(iter(d2l_bn.load_data_fashion_mnist(256, seed=seed)[0]))
    # Load all parts before the first pass: the devices will wait for one another.
    X, y = (gluon.utils.split_and_load(array, devices) for array in (X, y))
    nd.waitall()
    with autograd.record():
        outputs = [net(part) for part in X]
        nd.waitall()
        losses = [loss(output, part) for output, part
                  in zip(outputs, y, strict=True)]
    autograd.backward(losses)
    nd.waitall()
    parameters = net.collect_params().values()
    gradients = [sum(part.asnumpy().ravel() for part in parameter.list_grad())
                 for parameter in parameters if parameter.grad_req != "null"]
    means = [parameter.list_data() for parameter in parameters
             if parameter.name.endswith("running_mean")]
    gap = max(abs(a[0].asnumpy() - a[-1].asnumpy()).max() for a in means)
    outputs = np.concatenate([output.asnumpy() for output in outputs])
    return outputs, np.concatenate(gradients), gap


for seed in map(int, seeds):
    right, right_gradient, _ = one_pass("BatchNorm", seed, devices[:1])
    outputs, gradient, gap = one_pass(layer, seed, devices)
    print(abs(outputs - right).max(), np.linalg.norm(gradient - right_gradient)
          / np.linalg.norm(right_gradient), gap)
