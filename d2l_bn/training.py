"""The training loop, what it records, and statistics re-estimated after training."""
import dataclasses
import itertools
import math
import time

from mxnet import autograd, gluon, nd
from mxnet.gluon import nn
from tqdm import tqdm

from .norm import BatchNorm, check_number


@dataclasses.dataclass
class History:
    """What `train` measured: one number an epoch in each list.

    loss: mean cross-entropy over the training images, as they came by; train_acc: share
    of them predicted right, likewise; test_acc: the same for the test images in prediction
    mode, after the epoch; seconds: time for the epoch, test included.
    """
    loss: list = dataclasses.field(default_factory=list)
    train_acc: list = dataclasses.field(default_factory=list)
    test_acc: list = dataclasses.field(default_factory=list)
    seconds: list = dataclasses.field(default_factory=list)


def check_net(net):
    """Refuse what is no initialised Gluon network; return the context it lives on."""
    if not isinstance(net, gluon.Block):
        raise TypeError(f"net must be a Gluon Block, got {type(net).__name__}")
    parameters = list(net.collect_params().values())
    if not parameters:
        raise ValueError("net must have parameters, got a net without any")
    try:
        return parameters[0].list_ctx()[0]
    except RuntimeError as err:
        raise ValueError("net must be initialised first: net.initialize()") from err


def check_whole(name, value):
    """Refuse what is no whole number from 1, naming the argument."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")


def evaluate_accuracy(net, data_iter):
    """The share, 0 to 1, of the images in data_iter that net puts into the right class."""
    ctx = check_net(net)
    right, n = nd.zeros((1,), ctx=ctx), 0
    for X, y in data_iter:
        y = y.as_in_context(ctx)
        right += (net(X.as_in_context(ctx)).argmax(axis=1) == y.astype("float32")).sum()
        n += y.size
    if n == 0:
        raise ValueError("data_iter must give at least one batch, got none")
    return right.asscalar() / n


def train(net, train_iter, test_iter, num_epochs, lr):
    """Train net by stochastic gradient descent on the cross-entropy; return a History.

    net: an initialised Gluon network, trained on the context it was initialised on.
    train_iter, test_iter: iterables of batches (X, y).
    num_epochs: passes over train_iter. lr: learning rate.

    Prints a line an epoch, as the book does. Raises TypeError or ValueError that names
    the argument at fault.
    """
    ctx = check_net(net)
    check_whole("num_epochs", num_epochs)
    check_number("lr", lr, 0, math.inf)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr})
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    loss.hybridize(static_alloc=True, static_shape=True)  # a few small operators as one
    history = History()
    for epoch in range(1, num_epochs + 1):
        start, n = time.perf_counter(), 0
        # Summed where the net is: to fetch each batch's loss would stop the engine.
        total_loss, right = nd.zeros((1,), ctx=ctx), nd.zeros((1,), ctx=ctx)
        for X, y in tqdm(train_iter, desc=f"epoch {epoch}", leave=False, mininterval=0.5):
            X, y = X.as_in_context(ctx), y.as_in_context(ctx)
            with autograd.record():
                y_hat = net(X)
                l = loss(y_hat, y)
            l.backward()
            trainer.step(X.shape[0])
            total_loss += l.sum()
            right += (y_hat.argmax(axis=1) == y.astype("float32")).sum()
            n += y.size
        if n == 0:
            raise ValueError("train_iter must give at least one batch, got none")
        history.loss.append(total_loss.asscalar() / n)
        history.train_acc.append(right.asscalar() / n)
        history.test_acc.append(evaluate_accuracy(net, test_iter))
        history.seconds.append(time.perf_counter() - start)
        print(f"epoch {epoch}, loss {history.loss[-1]:.4f}, "
              f"train acc {history.train_acc[-1]:.3f}, "
              f"test acc {history.test_acc[-1]:.3f}, "
              f"time {history.seconds[-1]:.1f} sec", flush=True)
    return history


def batch_norm_layers(net):
    """Each layer in net, ours or Gluon's, that learns running statistics: (layer, momentum)."""
    if isinstance(net, BatchNorm):
        return [(net, net.momentum)]
    if isinstance(net, nn.BatchNorm):  # Gluon keeps the arguments in _kwargs alone
        frozen = net._kwargs["use_global_stats"]
        return [] if frozen else [(net, net._kwargs["momentum"])]
    return [found for child in net._children.values() for found in batch_norm_layers(child)]


def estimate_statistics(net, data_iter, num_batches):
    """Set the running statistics of net anew, with its weights as they are now.

    They become the mean of the batch statistics of the first num_batches batches of
    data_iter: PreciseBN, Wu and Johnson 2021. Nothing else in the net changes.
    Raises ValueError when the net has no batch normalization layer that learns statistics,
    or when data_iter gives fewer batches; the statistics then stay as they were.
    """
    ctx = check_net(net)
    check_whole("num_batches", num_batches)
    layers = batch_norm_layers(net)
    if not layers or any(momentum == 1 for _, momentum in layers):
        raise ValueError("net must have batch normalization layers, with momentum below 1")
    statistics = [(parameter, 1 - momentum) for layer, momentum in layers
                  for parameter in (layer.running_mean, layer.running_var)]
    before, sums, seen = None, [0] * len(statistics), 0
    for X, _ in itertools.islice(data_iter, num_batches):
        X = X.as_in_context(ctx).copy()
        X.attach_grad()  # so that the backward pass reaches a layer without parameters
        if before is None:
            net(X)  # gives parameters their shapes, if nothing has done so yet
            before = [parameter.data(ctx).copy() for parameter, _ in statistics]
        for parameter, _ in statistics:
            parameter.set_data(nd.zeros(parameter.shape, dtype=parameter.dtype))
        # From zero, one update leaves (1 - momentum) times the batch's statistic. Gluon's
        # layer makes it in the backward pass, which with zero gradients changes no weight.
        with autograd.record():
            Y = net(X)
        Y.backward(nd.zeros_like(Y))
        sums = [total + parameter.data(ctx) / share
                for total, (parameter, share) in zip(sums, statistics)]
        seen += 1
    for (parameter, _), total, old in zip(statistics, sums, before or []):
        parameter.set_data(total / seen if seen == num_batches else old)
    if seen < num_batches:
        raise ValueError(f"data_iter must give num_batches={num_batches} batches, "
                         f"gave only {seen}; the statistics are as they were")
