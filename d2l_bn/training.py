"""The training loop, what it records, and statistics re-estimated after training."""
import dataclasses
import itertools
import time

from mxnet import autograd, gluon, lr_scheduler, nd
from mxnet.gluon import nn
from tqdm import tqdm

from .arguments import check_number
from .norm import BatchNorm


@dataclasses.dataclass
class History:
    """What `train` measured: one number an epoch in each list.

    loss: mean cross-entropy of the training images, as they came by; train_acc: share
    of them predicted right; test_acc: that share of the test images, in prediction
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
        return [parameter.list_ctx() for parameter in parameters][0][0]
    except RuntimeError as err:
        raise ValueError("net must be initialised first: net.initialize()") from err


def evaluate_accuracy(net, data_iter):
    """The share, 0 to 1, of the images in data_iter that net classifies right."""
    ctx = check_net(net)
    right, n = nd.zeros((1,), ctx=ctx), 0
    for X, y in data_iter:
        y = y.as_in_context(ctx)
        right += (net(X.as_in_context(ctx)).argmax(axis=1) == y.astype("float32")).sum()
        n += y.size
    if n == 0:
        raise ValueError("data_iter must give at least one batch, got none")
    return float(right.asscalar()) / n


def train(net, train_iter, test_iter, num_epochs, lr, momentum=0):
    """Train net by stochastic gradient descent on the cross-entropy; return a History.

    net: an initialised Gluon network, trained on the context it was initialised on.
    train_iter, test_iter: iterables of batches (X, y).
    num_epochs: passes over train_iter. lr: learning rate, a number or an MXNet
    LRScheduler that gives it for each step. momentum: of the descent, 0 to 1.
    Prints the book's line an epoch. Raises errors that name the argument at fault.
    """
    ctx = check_net(net)
    check_number("num_epochs", num_epochs, 1, whole=True)
    check_number("momentum", momentum, 0, 1)
    if isinstance(lr, lr_scheduler.LRScheduler):
        rate = {"lr_scheduler": lr, "learning_rate": lr.base_lr}
    else:
        check_number("lr", lr, 0)
        rate = {"learning_rate": float(lr)}
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"momentum": momentum, **rate})
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    loss.hybridize(static_alloc=True, static_shape=True)  # a few small operators as one
    history, batch_size = History(), None
    for epoch in range(1, num_epochs + 1):
        start, n = time.perf_counter(), 0
        # Summed where the net is: to fetch each batch's loss would stop the engine.
        total_loss, right = nd.zeros((1,), ctx=ctx), nd.zeros((1,), ctx=ctx)
        for X, y in tqdm(train_iter, desc=f"epoch {epoch}", leave=False):
            X, y = X.as_in_context(ctx), y.as_in_context(ctx)
            with autograd.record():
                y_hat = net(X)
                l = loss(y_hat, y)  # noqa: E741 - the book's name
            l.backward()
            # Of the first batch: each image weighs the same in a smaller last one too.
            batch_size = batch_size or X.shape[0]
            trainer.step(batch_size)
            total_loss += l.sum()
            right += (y_hat.argmax(axis=1) == y.astype("float32")).sum()
            n += y.size
        if n == 0:
            raise ValueError("train_iter must give at least one batch, got none")
        history.loss.append(float(total_loss.asscalar()) / n)
        history.train_acc.append(float(right.asscalar()) / n)
        history.test_acc.append(evaluate_accuracy(net, test_iter))
        history.seconds.append(time.perf_counter() - start)
        print(f"epoch {epoch}, loss {history.loss[-1]:.4f}, "
              f"train acc {history.train_acc[-1]:.3f}, "
              f"test acc {history.test_acc[-1]:.3f}, "
              f"time {history.seconds[-1]:.1f} sec", flush=True)
    return history


def batch_norm_layers(net):
    """The layers of net, ours or Gluon's, that learn statistics: (layer, momentum)."""
    if isinstance(net, BatchNorm):
        return [(net, net.momentum)]
    if isinstance(net, (nn.BatchNorm, nn.BatchNormReLU)):  # arguments: in _kwargs alone
        frozen = net._kwargs["use_global_stats"]
        return [] if frozen else [(net, net._kwargs["momentum"])]
    return [found for child in net._children.values()
            for found in batch_norm_layers(child)]


def estimate_statistics(net, data_iter, num_batches):
    """Set the running statistics of net anew, with its weights as they are now.

    They become the mean of the batch statistics of the first num_batches batches of
    data_iter: PreciseBN, Wu and Johnson 2021. Weights stay; gradients end as 0. Raises
    ValueError, and changes nothing, when net learns no statistics or batches run short.
    """
    ctx = check_net(net)
    check_number("num_batches", num_batches, 1, whole=True)
    layers = batch_norm_layers(net)
    if not layers or any(momentum == 1 for _, momentum in layers):
        raise ValueError("net must have batch normalization with momentum below 1")
    batches = [X for X, _ in itertools.islice(data_iter, num_batches)]
    if len(batches) < num_batches:
        raise ValueError(f"data_iter must give num_batches={num_batches} batches, "
                         f"gave only {len(batches)}")
    net(batches[0].as_in_context(ctx))  # gives parameters their shapes, if need be
    shares = {parameter: 1 - momentum for layer, momentum in layers
              for parameter in (layer.running_mean, layer.running_var)}
    result = {parameter: parameter.data(ctx).copy() for parameter in shares}
    try:
        sums = dict.fromkeys(shares, 0)
        for X in batches:
            X = X.as_in_context(ctx).copy()
            X.attach_grad()  # so that backward reaches a layer without parameters
            for parameter in shares:
                parameter.set_data(nd.zeros(parameter.shape, dtype=parameter.dtype))
            # From zero, one update leaves (1 - momentum) times the batch's statistic.
            # Gluon makes it in the backward pass, unknown to the engine: hence waitall.
            with autograd.record():
                Y = net(X)
            Y.backward(nd.zeros_like(Y))
            nd.waitall()
            for parameter, share in shares.items():
                sums[parameter] = sums[parameter] + parameter.data(ctx) / share
        result = {parameter: total / num_batches for parameter, total in sums.items()}
    finally:  # the new statistics or, after an error, the old ones
        for parameter, value in result.items():
            parameter.set_data(value)
