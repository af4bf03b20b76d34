"""The statistics that batch normalization stores for prediction, estimated anew."""
import contextlib
import itertools

import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

from .arguments import check_array, check_iterable, check_net, check_number
from .norm import BatchNorm
from .training import place_and_type


def all_blocks(block):
    """A block and all that are registered inside it, each once."""
    return list(dict.fromkeys(
        [block, *itertools.chain(*map(all_blocks, block._children.values()))]))


def check_registered(blocks):
    """Refuse layers in lists, tuples and dicts of a net that it does not register."""
    def unregistered(value):
        if isinstance(value, gluon.Block):
            return value not in blocks and bool(value.collect_params())
        values = value.values() if isinstance(value, dict) else value
        return isinstance(value, (list, tuple, dict)) and any(map(unregistered, values))

    for block in blocks:
        for name, value in vars(block).items():
            if unregistered(value):
                raise ValueError(
                    "net must register its layers, got unregistered ones in the "
                    f"attribute {name} of {type(block).__name__}, where Gluon does not "
                    "look: put them into an nn.Sequential")


def channel_axis(layer):
    """The axis whose statistics a layer, ours or Gluon's, learns; None if none."""
    if isinstance(layer, BatchNorm):
        return 1
    if isinstance(layer, (nn.BatchNorm, nn.BatchNormReLU)):
        # Gluon keeps these two arguments nowhere else.
        return None if layer._kwargs["use_global_stats"] else layer._kwargs["axis"]
    return None


@contextlib.contextmanager
def uncompiled(blocks):
    """Run blocks operator by operator: a compiled net calls no hook of its layers."""
    compiled = [block for block in blocks if getattr(block, "_active", False)]
    try:
        for block in compiled:
            block._active = False
        yield
    finally:
        for block in compiled:
            block._active = True


@contextlib.contextmanager
def put_back(blocks):
    """Put back what a pass in training mode moves: all arrays that no trainer steps."""
    before = []
    for parameter in {p for block in blocks for p in block.params.values()}:
        with contextlib.suppress(gluon.parameter.DeferredInitializationError):
            if parameter.grad_req == "null":
                before += [(array, array.copy()) for array in parameter.list_data()]
    attributes = [(block, name, value, value.copy()) for block in blocks
                  for name, value in vars(block).items() if type(value) is nd.NDArray]
    try:
        yield
    finally:
        for block, name, value, content in attributes:
            setattr(block, name, value)
            value[:] = content
        for array, content in before:
            array[:] = content


def recorder(axis, found):
    """A hook that appends the mean and variance of a layer's input to `found`."""
    def hook(layer, inputs):
        if autograd.is_training():  # else it uses what is stored
            X = inputs[0].asnumpy().astype("float64")
            axes = tuple(other for other in range(X.ndim) if other != axis % X.ndim)
            found.append((X.mean(axes), X.var(axes)))
    return hook


def first_array(batch):
    """X of a batch (X, y)."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise TypeError("data_iter must give pairs (X, y), got a "
                        f"{type(batch).__name__}")
    check_array("X of data_iter", batch[0])
    return batch[0]


def estimate_statistics(net, data_iter, num_batches):
    """Set the running statistics of net anew, with its weights as they are now.

    They become the mean, over all uses of a layer, of the statistics of its input in
    the first num_batches batches of data_iter: the population statistics of Ioffe and
    Szegedy 2015, algorithm 2, without its factor m/(m - 1), as MXNet's moving ones.
    A layer that is used several times a pass counts each; one that is not used, or
    uses stored statistics (use_global_stats), keeps what it had. Nothing else changes.
    data_iter: an iterable of batches (X, y); y is not looked at.
    Raises ValueError, and changes nothing, when net learns no statistics, holds layers
    that it does not register, or batches run short.
    """
    check_net(net)
    check_iterable("data_iter", data_iter)
    check_number("num_batches", num_batches, 1, whole=True)
    blocks = all_blocks(net)
    check_registered(blocks)
    found = {block: [] for block in blocks if channel_axis(block) is not None}
    if not found:
        raise ValueError("net must have batch normalization that learns statistics")
    batches = list(itertools.islice(data_iter, num_batches))
    if len(batches) < num_batches:
        raise ValueError(f"data_iter must give num_batches={num_batches} batches, "
                         f"gave only {len(batches)}")
    ctx, dtype = place_and_type(net)
    batches = [first_array(batch).as_in_context(ctx).astype(dtype) for batch in batches]
    net(batches[0])  # gives parameters their shapes, if need be
    with uncompiled(blocks), put_back(blocks), autograd.train_mode():
        hooks = [layer.register_forward_pre_hook(recorder(channel_axis(layer), record))
                 for layer, record in found.items()]
        try:
            for X in batches:
                net(X)
        finally:
            for hook in hooks:
                hook.detach()
    for layer, record in found.items():
        if record:
            mean, var = np.mean(record, axis=0)
            layer.running_mean.set_data(nd.array(mean, dtype=layer.running_mean.dtype))
            layer.running_var.set_data(nd.array(var, dtype=layer.running_var.dtype))
