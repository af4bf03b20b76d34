"""The training loop and what it records."""
import contextlib
import dataclasses
import threading
import time

from mxnet import autograd, gluon, lr_scheduler, nd

from .arguments import (
    check_batch,
    check_iterable,
    check_losses,
    check_net,
    check_not_empty,
    check_number,
    check_scores,
)
from .batches import training_pass

ONE_AT_A_TIME = threading.Lock()  # MXNet crashes when several threads train


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


@contextlib.contextmanager
def kept_after_errors(history):
    """Let an error, or Ctrl-C, carry what was measured before it: `error.history`."""
    if not ONE_AT_A_TIME.acquire(blocking=False):
        raise RuntimeError("train is running in another thread of this process, which "
                           "MXNet does not survive; d2l_bn.run_in_processes can train "
                           "several nets at once")
    try:
        yield
    except BaseException as err:
        err.history = history
        print(f"stopped in epoch {len(history.loss) + 1}: the epochs before it are in "
              "the error's attribute history (sys.last_value.history)", flush=True)
        raise
    finally:
        ONE_AT_A_TIME.release()


def place_and_type(net):
    """The context and the dtype of an initialised net's parameters."""
    first = next(iter(net.collect_params().values()))
    return first.list_ctx()[0], first.dtype


def evaluate_accuracy(net, data_iter):
    """The share, 0 to 1, of the samples in data_iter that net classifies right.

    data_iter: an iterable of batches (X, y): y (n,) holds whole numbers from 0.
    """
    check_net(net)
    check_iterable("data_iter", data_iter)
    ctx, dtype = place_and_type(net)
    correct, n = nd.zeros((1,), ctx, dtype), 0
    for batch in data_iter:
        check_batch("data_iter", batch)
        X, y = (array.as_in_context(ctx) for array in batch)
        y_hat = net(X.astype(dtype, copy=False))
        check_scores("data_iter", y_hat, y)
        correct += (y_hat.argmax(axis=1) == y.astype(dtype)).sum()
        n += y.size
    check_not_empty("data_iter", n)
    return float(correct.asscalar()) / n


def train_epoch(net, train_iter, trainer, loss):
    """Take one step for each batch of train_iter; return mean loss and accuracy.

    The arguments are those of `train`, with its trainer and its loss, which gives one
    number a sample. Both figures are those of the batches as they came by, in training
    mode.
    """
    check_net(net)
    check_iterable("train_iter", train_iter)
    ctx, dtype = place_and_type(net)
    # Summed where the net is: to fetch each loss would make the device wait.
    total_loss, correct = (nd.zeros((1,), ctx, dtype) for _ in range(2))
    batch_size, n = None, 0
    for batch in train_iter:
        check_batch("train_iter", batch)
        X, y = (array.as_in_context(ctx) for array in batch)
        with autograd.record():
            y_hat = net(X.astype(dtype, copy=False))
            check_scores("train_iter", y_hat, y)
            losses = loss(y_hat, y)
        check_losses(losses, y)
        losses.backward()
        # A smaller last batch steps by the first one's size: images count the same.
        batch_size = batch_size or len(X)
        trainer.step(batch_size)
        total_loss += losses.sum()
        correct += (y_hat.argmax(axis=1) == y.astype(dtype)).sum()
        n += y.size
    check_not_empty("train_iter", n)
    return float(total_loss.asscalar()) / n, float(correct.asscalar()) / n


def train(net, train_iter, test_iter, num_epochs, lr, momentum=0):
    """Train net by stochastic gradient descent on the cross-entropy; return a History.

    net: an initialised Gluon network, trained on the context and in the dtype (float32
    or float64) it was initialised in. train_iter, test_iter: iterables of batches
    (X, y), y (n,) with whole numbers from 0 to the number of classes less 1.
    num_epochs: passes over train_iter. lr: learning rate, a number or an MXNet
    LRScheduler that gives it for each step. momentum: of the descent, 0 to 1.
    Prints the book's line an epoch. Raises errors that name the argument at fault;
    whatever ends the training carries what was measured in its attribute history.
    """
    check_net(net)
    check_iterable("train_iter", train_iter)
    check_iterable("test_iter", test_iter)
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
    history = History()
    with kept_after_errors(history):
        for epoch in range(1, num_epochs + 1):
            start = time.perf_counter()
            batches = training_pass(train_iter, f"epoch {epoch}")
            mean_loss, train_acc = train_epoch(net, batches, trainer, loss)
            test_acc = evaluate_accuracy(net, test_iter)
            history.loss.append(mean_loss)
            history.train_acc.append(train_acc)
            history.test_acc.append(test_acc)
            history.seconds.append(time.perf_counter() - start)
            print(f"epoch {epoch}, loss {mean_loss:.4f}, train acc {train_acc:.3f}, "
                  f"test acc {test_acc:.3f}, time {history.seconds[-1]:.1f} sec",
                  flush=True)
    return history
