"""lenet, train, evaluate_accuracy and estimate_statistics, held against NumPy."""
import functools
import re

import d2l_bn
from d2l_bn import (
    BatchNorm,
    estimate_statistics,
    evaluate_accuracy,
    lenet,
    train,
    training,
)

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, init, nd
from mxnet.gluon import nn

LINE = re.compile(r"epoch (\d+), loss (\d+\.\d{4}), train acc ([01]\.\d{3}), "
                  r"test acc ([01]\.\d{3}), time (\d+\.\d) sec")


@pytest.fixture(autouse=True)
def seed():
    np.random.seed(0)
    mx.random.seed(0)


def batches(*sizes, features=4, classes=3, seed=0):
    """Batches (X, y) of dots whose class shows in their values."""
    random = np.random.RandomState(seed)
    made = []
    for size in sizes:
        y = random.randint(0, classes, size)
        X = random.normal(y[:, None], 2, (size, features)).astype("float32")
        made.append((nd.array(X), nd.array(y, dtype="int32")))
    return made


def ready(*layers, ctx=None, kind=nn.Sequential):
    """An initialised net of the layers given."""
    net = kind()
    net.add(*layers)
    net.initialize(init.Normal(.5), ctx=ctx)
    return net


def softmax(scores):
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def cross_entropy(scores, y):
    return -np.log(softmax(scores.astype("float64"))[np.arange(len(y)), y])


def joined(data):
    """All batches as two NumPy arrays."""
    return [np.concatenate([part.asnumpy() for part in parts])
            for parts in zip(*data, strict=True)]


def values(net):
    return {name: parameter.data(parameter.list_ctx()[0]).asnumpy()
            for name, parameter in net.collect_params().items()}


def close(parameter, expected):
    """Whether a parameter holds the numbers expected, but for float32's rounding."""
    return np.allclose(parameter.data().asnumpy(), expected, rtol=1e-4, atol=1e-4)


# lenet -------------------------------------------------------------------------------

def kinds(net):
    return [type(layer).__name__ for layer in net]


def test_lenet_without_norm_has_the_layers_of_the_book():
    net = lenet()
    assert kinds(net) == ["Conv2D", "Activation", "MaxPool2D",
                          "Conv2D", "Activation", "MaxPool2D",
                          "Dense", "Activation", "Dense", "Activation", "Dense"]
    assert isinstance(net, nn.HybridSequential)


def test_lenet_puts_the_norm_before_each_sigmoid():
    net = lenet(BatchNorm)
    assert kinds(net) == ["Conv2D", "BatchNorm", "Activation", "MaxPool2D",
                          "Conv2D", "BatchNorm", "Activation", "MaxPool2D",
                          "Dense", "BatchNorm", "Activation",
                          "Dense", "BatchNorm", "Activation", "Dense"]
    assert [layer._act_type for layer in net if isinstance(layer, nn.Activation)] == [
        "sigmoid"] * 4


def test_lenet_calls_norm_with_the_number_of_features_and_axes():
    calls = []

    def norm(*arguments):
        calls.append(arguments)
        return nn.BatchNorm()

    lenet(norm)
    assert calls == [(6, 4), (16, 4), (120, 2), (84, 2)]


def test_lenet_has_the_shapes_of_the_book():
    net, X, shapes = lenet(), nd.ones((2, 1, 28, 28)), []
    net.initialize()
    for layer in net:
        X = layer(X)
        shapes.append(X.shape[1:])
    convolution, pool, dense = shapes[:2], shapes[2:6], shapes[6:]
    assert convolution == [(6, 24, 24)] * 2
    assert pool == [(6, 12, 12), (16, 8, 8), (16, 8, 8), (16, 4, 4)]
    assert dense == [(120,), (120,), (84,), (84,), (10,)]
    sizes = [parameter.data().size for parameter in net.collect_params().values()]
    assert sum(sizes) == 6 * 26 + 16 * 151 + 257 * 120 + 121 * 84 + 85 * 10


@pytest.mark.parametrize(("norm", "kind"), [
    (None, nn.HybridSequential),
    (lambda features, dims: nn.BatchNorm(), nn.HybridSequential),
    (BatchNorm, nn.Sequential),
])
def test_lenet_can_be_hybridized_when_every_layer_can(norm, kind):
    net, X = lenet(norm), nd.random.uniform(shape=(3, 1, 28, 28))
    assert type(net) is kind
    net.initialize()
    before = net(X).asnumpy()
    net.hybridize()
    assert np.allclose(net(X).asnumpy(), before, atol=1e-6)


@pytest.mark.parametrize("norm", [5, "batch", nn.BatchNorm, nn.BatchNorm()])
def test_lenet_refuses_a_norm_that_is_no_function(norm):
    with pytest.raises(TypeError, match="^norm must be None or a function"):
        lenet(norm)


@pytest.mark.parametrize("layer", [None, 5, nn.BatchNorm])
def test_lenet_refuses_a_norm_that_gives_no_layer(layer):
    with pytest.raises(TypeError, match="^norm must give a Gluon Block"):
        lenet(lambda features, dims: layer)


# evaluate_accuracy -------------------------------------------------------------------

def test_accuracy_is_numpys_count_over_batches_of_any_size():
    net, data = ready(nn.Dense(3)), batches(7, 5, 1)
    X, y = joined(data)
    expected = (net(nd.array(X)).asnumpy().argmax(1) == y).mean()
    assert evaluate_accuracy(net, data) == pytest.approx(expected, abs=1e-7)
    assert 0 < expected < 1


def test_accuracy_is_1_for_the_nets_own_answers_and_0_for_others():
    net, (X, _) = ready(nn.Dense(3)), batches(20)[0]
    answers = net(X).argmax(axis=1)
    assert evaluate_accuracy(net, [(X, answers)]) == 1
    assert evaluate_accuracy(net, [(X, (answers + 1) % 3)]) == 0


def test_accuracy_is_taken_in_prediction_mode_and_moves_no_statistics():
    net = ready(nn.Dense(8), nn.BatchNorm(), nn.Dropout(.9), nn.Dense(3))
    data = batches(40)
    net(data[0][0])
    before = values(net)
    expected = (net(data[0][0]).asnumpy().argmax(1) == data[0][1].asnumpy()).mean()
    for _ in range(3):
        assert evaluate_accuracy(net, data) == pytest.approx(expected, abs=1e-7)
    after = values(net)
    assert all((after[name] == before[name]).all() for name in before)


# train -------------------------------------------------------------------------------

def test_history_holds_one_number_an_epoch_and_a_line_is_printed_for_each(capsys):
    net, data = ready(nn.Dense(3)), batches(8, 8, 3)
    history = train(net, data, batches(9, seed=1), num_epochs=4, lr=.1)
    assert isinstance(history, d2l_bn.History)
    columns = [history.loss, history.train_acc, history.test_acc, history.seconds]
    assert [len(column) for column in columns] == [4] * 4
    assert all(isinstance(number, float) for column in columns for number in column)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    for epoch, line in enumerate(lines):
        found = LINE.fullmatch(line)
        assert found, line
        shown = [f"{history.loss[epoch]:.4f}", f"{history.train_acc[epoch]:.3f}",
                 f"{history.test_acc[epoch]:.3f}", f"{history.seconds[epoch]:.1f}"]
        assert list(found.groups()) == [str(epoch + 1), *shown]


def test_seconds_are_the_time_of_training_and_test(monkeypatch):
    clock = iter([10, 11.5, 20, 22.5])
    monkeypatch.setattr(training.time, "perf_counter", lambda: next(clock))
    data = batches(4)
    assert train(ready(nn.Dense(3)), data, data, 2, .1).seconds == [1.5, 2.5]


def test_first_loss_and_accuracy_are_those_of_the_initial_weights():
    net, data, test = ready(nn.Dense(3)), batches(30), batches(20, seed=1)
    scores, y = net(data[0][0]).asnumpy(), data[0][1].asnumpy()
    history = train(net, data, test, 1, lr=.5)
    assert history.loss == pytest.approx([cross_entropy(scores, y).mean()], rel=1e-5)
    assert history.train_acc == pytest.approx([(scores.argmax(1) == y).mean()])
    after = net(test[0][0]).asnumpy().argmax(1)
    assert history.test_acc == pytest.approx([(after == test[0][1].asnumpy()).mean()])


def test_loss_and_accuracy_weigh_each_image_alike_over_unequal_batches():
    net, data = ready(nn.Dense(3)), batches(9, 9, 1)
    X, y = joined(data)
    scores = net(nd.array(X)).asnumpy()
    before = values(net)
    history = train(net, data, data, 1, lr=0)
    assert history.loss[0] == pytest.approx(cross_entropy(scores, y).mean(), rel=1e-5)
    accuracy = (scores.argmax(1) == y).mean()
    assert history.train_acc[0] == pytest.approx(accuracy, abs=1e-7)
    assert history.test_acc[0] == pytest.approx(accuracy, abs=1e-7)
    after = values(net)
    assert all((after[name] == before[name]).all() for name in before)


@pytest.mark.parametrize("sizes", [(16,), (8, 8), (8, 3), (5, 1)])
def test_steps_are_gradient_descent_with_the_gradient_of_numpy(sizes):
    net, data, lr = ready(nn.Dense(3)), batches(*sizes), .3
    net(data[0][0])
    W, b = (parameter.data().asnumpy().astype("float64")
            for parameter in (net[0].weight, net[0].bias))
    for _ in range(2):
        for X, y in ((X.asnumpy(), y.asnumpy()) for X, y in data):
            # By the first size, for the last, smaller batch too.
            error = (softmax(X @ W.T + b) - np.eye(3)[y]) / sizes[0]
            W, b = W - lr * error.T @ X, b - lr * error.sum(0)
    train(net, data, data, num_epochs=2, lr=lr)
    assert np.allclose(net[0].weight.data().asnumpy(), W, atol=1e-5)
    assert np.allclose(net[0].bias.data().asnumpy(), b, atol=1e-5)


@pytest.mark.parametrize("momentum", [.5, np.float32(.9)])
def test_momentum_and_a_schedule_are_those_of_numpy(momentum):
    net, data = ready(nn.Dense(3, use_bias=False)), batches(8, 8, 8)
    net(data[0][0])
    W = net[0].weight.data().asnumpy().astype("float64")
    speed, step, num_epochs = 0, 0, 2
    for _ in range(num_epochs):
        for X, y in ((X.asnumpy(), y.asnumpy()) for X, y in data):
            step += 1
            lr = .2 * (1 + np.cos(np.pi * step / 6)) / 2
            error = (softmax(X @ W.T) - np.eye(3)[y]) / 8
            speed = momentum * speed - lr * error.T @ X
            W = W + speed
    schedule = mx.lr_scheduler.CosineScheduler(6, base_lr=.2)
    for _ in range(2):  # a schedule that was used once is as good as new
        again = ready(nn.Dense(3, use_bias=False, in_units=4))
        again[0].weight.set_data(net[0].weight.data())
        train(again, data, data, num_epochs, schedule, momentum)
        assert np.allclose(again[0].weight.data().asnumpy(), W, atol=1e-5)


def test_training_runs_in_training_mode_and_moves_the_statistics():
    net, data = ready(BatchNorm(4, momentum=.5)), batches(64, classes=4)
    X = data[0][0].asnumpy().astype("float64")
    Y = (X - X.mean(0)) / np.sqrt(X.var(0) + 1e-5)
    history = train(net, data, data, 1, lr=.1)
    loss = cross_entropy(Y, data[0][1].asnumpy()).mean()
    assert history.loss[0] == pytest.approx(loss, rel=1e-4)
    assert close(net[0].running_mean, .5 * X.mean(0))


def test_training_learns_what_can_be_learnt():
    X = np.random.RandomState(0).normal(size=(64, 4)).astype("float32")
    data = [(nd.array(X), nd.array(X[:, 0] > 0))]
    history = train(ready(nn.Dense(2)), data, data, 30, lr=2)
    assert history.loss[-1] < .25 * history.loss[0]
    assert history.test_acc[-1] > .9


def run_of(seed):
    np.random.seed(seed)
    mx.random.seed(seed)
    net = ready(nn.Dense(8), BatchNorm(8), nn.Dropout(.2), nn.Dense(10))
    random = np.random.RandomState(0)
    images, labels = random.uniform(size=(24, 1, 28, 28)), random.randint(0, 10, 24)
    data = d2l_bn.data.Batches(nd.array(images * 255, dtype="uint8"),
                               nd.array(labels, dtype="int32"), 8, seed)
    history = train(net, data, data, 2, .5)
    return history.loss, history.train_acc, history.test_acc


def test_equal_seeds_give_equal_histories_and_others_others():
    first = run_of(1)
    assert run_of(1) == first
    assert run_of(2)[0] != first[0]


@pytest.mark.parametrize("dtype", ["int32", "float32", "uint8", "int64"])
def test_labels_may_be_of_any_type(dtype):
    net, data = ready(nn.Dense(3)), batches(12)
    expected = evaluate_accuracy(net, data)
    data = [(X, y.astype(dtype)) for X, y in data]
    assert evaluate_accuracy(net, data) == expected
    assert train(net, data, data, 1, lr=0).train_acc == [expected]


def test_training_happens_where_the_net_is():
    ctx, data = mx.cpu(1), batches(6, 6)
    net = ready(nn.Dense(5), BatchNorm(5), nn.Dense(3), ctx=ctx)
    train(net, data, data, 1, .1)
    evaluate_accuracy(net, data)
    estimate_statistics(net, data, 2)
    assert net[1].running_mean.list_ctx() == [ctx]
    assert data[0][0].context == mx.cpu(0)


def test_data_may_come_from_a_generator():
    net, data = ready(nn.Dense(3)), batches(6, 6)
    history = train(net, iter(data), (batch for batch in data), 1, .1)
    assert len(history.loss) == 1


def test_training_shows_its_progress(capsys, monkeypatch):
    # Whatever TQDM_DISABLE says.
    shown = functools.partial(training.tqdm, disable=False)
    monkeypatch.setattr(training, "tqdm", shown)
    data = batches(4, 4)
    train(ready(nn.Dense(3)), data, data, 2, .1)
    printed = capsys.readouterr()
    assert "epoch 1:" in printed.err and "epoch 2:" in printed.err
    assert "/2 " in printed.err
    assert all(LINE.fullmatch(line) for line in printed.out.splitlines())


# estimate_statistics -----------------------------------------------------------------

def layer_of(kind, momentum, **how):
    if kind == "ours":
        return BatchNorm(5, momentum=momentum, **how)
    return nn.BatchNorm(momentum=momentum, **how)


def deep_net(kind, momentum, hybrid):
    sequence = nn.HybridSequential if hybrid else nn.Sequential
    net = ready(nn.Dense(5), layer_of(kind, momentum), nn.Activation("sigmoid"),
                nn.Dense(5), layer_of(kind, momentum), nn.Dense(3), kind=sequence)
    if hybrid:
        net.hybridize(static_alloc=True, static_shape=True)
    net(nd.ones((2, 4)))
    for layer in (net[1], net[4]):  # gamma and beta that are not the initial ones
        layer.gamma.set_data(nd.random.uniform(.5, 2, (5,)))
        layer.beta.set_data(nd.random.normal(shape=(5,)))
    return net


def statistics_of(net, data):
    """Mean over batches of each BN layer's batch mean and variance, by NumPy."""
    found = []
    for X, _ in data:
        X, of_batch = X.asnumpy().astype("float64"), []
        for layer in net:
            if isinstance(layer, nn.Dense):
                X = X @ layer.weight.data().asnumpy().T + layer.bias.data().asnumpy()
            elif isinstance(layer, nn.Activation):
                X = 1 / (1 + np.exp(-X))
            else:
                mean, var = X.mean(0), X.var(0)
                of_batch.append((mean, var))
                X = (layer.gamma.data().asnumpy() * (X - mean) / np.sqrt(var + 1e-5)
                     + layer.beta.data().asnumpy())
        found.append(of_batch)
    return np.mean(found, 0)


@pytest.mark.parametrize(("kind", "hybrid"),
                         [("ours", False), ("gluon", False), ("gluon", True)])
@pytest.mark.parametrize("momentum", [0, .9, .99])
def test_statistics_are_the_mean_of_the_batch_statistics(kind, hybrid, momentum):
    net, data = deep_net(kind, momentum, hybrid), batches(16, 16, 5)
    train(net, data, data, 1, .5)  # statistics, weights and gradients of some past
    estimate_statistics(net, data, 3)
    expected = statistics_of(net, data)
    for layer, (mean, var) in zip((net[1], net[4]), expected, strict=True):
        assert close(layer.running_mean, mean) and close(layer.running_var, var)


def test_statistics_of_a_convolution_are_over_images_and_places():
    X = nd.random.normal(2, 3, (6, 2, 4, 5))
    net = ready(nn.BatchNorm(), BatchNorm(2, 4))
    estimate_statistics(net, [(X, None)], 1)
    assert close(net[0].running_mean, X.asnumpy().mean((0, 2, 3)))
    assert close(net[0].running_var, X.asnumpy().var((0, 2, 3)))
    assert close(net[1].running_mean, 0)
    assert close(net[1].running_var, 1)


@pytest.mark.parametrize("kind", ["ours", "gluon"])
def test_estimate_makes_predictions_those_of_the_batch_statistics(kind):
    net, (X, y) = deep_net(kind, .9, False), batches(32)[0]
    with autograd.train_mode():
        in_training = net(X).asnumpy()
    assert not np.allclose(net(X).asnumpy(), in_training, atol=.01)
    estimate_statistics(net, [(X, y)], 1)
    assert np.allclose(net(X).asnumpy(), in_training, atol=1e-3)


@pytest.mark.parametrize("hybrid", [False, True])
def test_estimate_changes_no_weight_and_no_setting(hybrid):
    net, data = deep_net("gluon", .9, hybrid), batches(8, 8)
    train(net, data, data, 1, .5)
    before = values(net)
    settings = {name: (parameter.grad_req, parameter.dtype, parameter.shape)
                for name, parameter in net.collect_params().items()}
    estimate_statistics(net, data, 2)
    after = values(net)
    changed = {name for name in before if (before[name] != after[name]).any()}
    assert changed == {name for name in before if "running" in name}
    assert settings == {name: (parameter.grad_req, parameter.dtype, parameter.shape)
                        for name, parameter in net.collect_params().items()}
    assert all(batch.grad is None for batch, _ in data)


def test_estimate_adds_nothing_to_gradients_that_add_up():
    net, (X, y) = deep_net("ours", .9, False), batches(8)[0]
    net.collect_params(".*weight|.*gamma").setattr("grad_req", "add")
    with autograd.record():
        out = net(X)
    out.backward()
    before = [net[i].weight.grad().asnumpy() for i in (0, 3, 5)]
    estimate_statistics(net, [(X, y)], 1)
    for i, grad in zip((0, 3, 5), before, strict=True):
        assert abs(grad).max() > 0
        assert (net[i].weight.grad().asnumpy() == grad).all()


def test_estimate_leaves_the_training_that_follows_as_it_was(tmp_path):
    nets = [deep_net("ours", .9, False) for _ in range(2)]
    data = batches(8, 8)
    nets[0].save_parameters(str(tmp_path / "net"))
    nets[1].load_parameters(str(tmp_path / "net"))
    estimate_statistics(nets[0], data, 2)
    first, second = (train(net, data, data, 2, .5) for net in nets)
    assert first.loss == second.loss


def test_estimate_takes_only_the_batches_asked_for():
    net, data = deep_net("ours", .9, False), batches(16, 16, 16, 16)
    source = iter(data)
    estimate_statistics(net, source, 2)
    mean, var = statistics_of(net, data[:2])[0]
    assert close(net[1].running_mean, mean)
    assert close(net[1].running_var, var)
    assert len(list(source)) == 2


def test_estimate_works_before_the_first_batch_gave_the_shapes():
    net, data = ready(nn.Dense(5), nn.BatchNorm()), batches(16)
    estimate_statistics(net, data, 1)
    mean, var = statistics_of(net, data)[0]
    assert close(net[1].running_mean, mean)
    assert close(net[1].running_var, var)


def test_estimate_reaches_a_first_layer_without_parameters_to_learn():
    net = ready(nn.BatchNorm(scale=False, center=False), nn.Dense(3))
    data = batches(16, 16)
    estimate_statistics(net, data, 2)
    X = np.stack([X.asnumpy() for X, _ in data])
    assert close(net[0].running_mean, X.mean((0, 1)))
    assert close(net[0].running_var, X.var(1).mean(0))


def test_estimate_reaches_layers_inside_blocks_and_frozen_weights():
    class Inside(nn.Block):
        def __init__(self):
            super().__init__()
            self.dense, self.norm = nn.Dense(5), BatchNorm(5)

        def forward(self, X):
            return self.norm(self.dense(X))

    inside, data = Inside(), batches(16)
    net = ready(inside)
    net.collect_params().setattr("grad_req", "null")
    estimate_statistics(net, data, 1)
    expected = inside.dense(data[0][0]).asnumpy()
    assert close(inside.norm.running_mean, expected.mean(0))
    assert close(inside.norm.running_var, expected.var(0))


def test_estimate_leaves_layers_with_use_global_stats_alone():
    net = ready(nn.BatchNorm(use_global_stats=True), nn.Dense(5), BatchNorm(5))
    data = batches(16)
    net(data[0][0])
    net[0].running_mean.set_data(nd.full((4,), 3))
    estimate_statistics(net, data, 1)
    assert (net[0].running_mean.data().asnumpy() == 3).all()
    assert (net[0].running_var.data().asnumpy() == 1).all()
    assert abs(net[2].running_mean.data().asnumpy()).max() > .1


def test_estimate_reaches_gluons_layer_with_a_relu():
    X = nd.random.normal(2, 3, (6, 16, 8, 8))
    net = ready(nn.BatchNormReLU(), nn.Conv2D(2, 3), nn.BatchNorm())
    estimate_statistics(net, [(X, None)], 1)
    assert close(net[0].running_mean, X.asnumpy().mean((0, 2, 3)))
    assert close(net[0].running_var, X.asnumpy().var((0, 2, 3)))


def statistics(net):
    return np.concatenate([value for name, value in values(net).items()
                           if "running" in name])


@pytest.mark.parametrize("kind", ["ours", "gluon"])
def test_statistics_are_restored_when_data_run_short(kind):
    net, data = deep_net(kind, .9, False), batches(8, 8)
    train(net, data, data, 1, .1)
    before = statistics(net)
    for enough in ([], data):
        with pytest.raises(ValueError, match=f"num_batches=3.* only {len(enough)}"):
            estimate_statistics(net, enough, 3)
        assert (statistics(net) == before).all()


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_statistics_are_restored_when_data_cannot_be_read(error):
    net, data = deep_net("ours", .9, False), batches(8, 8)
    train(net, data, data, 1, .1)
    before = statistics(net)

    def broken():
        yield data[0]
        raise error("on the disk")

    with pytest.raises(error, match="on the disk"):
        estimate_statistics(net, broken(), 2)
    assert (statistics(net) == before).all()


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_statistics_are_restored_when_the_net_breaks_off(error):
    class Breaks(nn.Block):
        def forward(self, X):
            if X.shape[0] == 3:
                raise error("in the net")
            return X

    net = ready(nn.Dense(5), BatchNorm(5), Breaks())
    net(batches(8)[0][0])
    before = statistics(net)
    with pytest.raises(error, match="in the net"):
        estimate_statistics(net, batches(8, 3), 2)
    assert (statistics(net) == before).all()


def test_statistics_are_restored_when_a_batch_has_the_wrong_shape():
    net, data = deep_net("ours", .9, False), batches(8)
    before = statistics(net)
    with pytest.raises(mx.MXNetError):
        estimate_statistics(net, data + batches(8, features=7), 2)
    assert (statistics(net) == before).all()


# What is refused ---------------------------------------------------------------------

DATA = batches(4, 4)
CALLS = {
    "train": lambda net: train(net, DATA, DATA, 1, .1),
    "evaluate_accuracy": lambda net: evaluate_accuracy(net, DATA),
    "estimate_statistics": lambda net: estimate_statistics(net, DATA, 1),
}


def initialised_in_part():
    net = ready(nn.Dense(5), BatchNorm(5))
    net.add(nn.Dense(3))
    return net


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(("net", "error"), [
    (lambda: None, TypeError), (lambda: lambda X: X, TypeError),
    (lambda: nn.Dense, TypeError), (nn.Sequential, ValueError),
    (lambda: nn.Activation("relu"), ValueError), (lenet, ValueError),
    (lambda: nn.BatchNorm(in_channels=4), ValueError),
    (initialised_in_part, ValueError),
], ids=["None", "function", "class", "empty", "no parameters", "not initialised",
        "layer not initialised", "initialised in part"])
def test_bad_nets_are_refused_by_name(call, net, error):
    with pytest.raises(error, match="^net must"):
        call(net())


WHOLE = [(0, ValueError), (-1, ValueError), (True, TypeError), (1.5, TypeError),
         (1.0, TypeError), ("1", TypeError), (None, TypeError),
         (float("nan"), TypeError)]


@pytest.mark.parametrize(("value", "error"), WHOLE)
def test_bad_num_epochs_is_refused_by_name(value, error):
    with pytest.raises(error, match="^num_epochs must"):
        train(ready(nn.Dense(3)), DATA, DATA, value, .1)


@pytest.mark.parametrize(("value", "error"), WHOLE)
def test_bad_num_batches_is_refused_by_name(value, error):
    with pytest.raises(error, match="^num_batches must"):
        estimate_statistics(ready(BatchNorm(4)), DATA, value)


@pytest.mark.parametrize(("value", "error"), [
    (float("nan"), ValueError), (float("inf"), ValueError), (-.1, ValueError),
    ("0.1", TypeError), (None, TypeError), (True, TypeError), ([.1], TypeError)])
def test_bad_lr_is_refused_by_name_and_nothing_is_trained(value, error):
    net = ready(nn.Dense(3, in_units=4))
    before = values(net)
    with pytest.raises(error, match="^lr must"):
        train(net, DATA, DATA, 1, value)
    after = values(net)
    assert all((after[name] == before[name]).all() for name in before)


@pytest.mark.parametrize(("value", "error"), [
    (float("nan"), ValueError), (1.1, ValueError), (-.1, ValueError),
    ("0.9", TypeError), (None, TypeError), (True, TypeError)])
def test_bad_momentum_is_refused_by_name(value, error):
    with pytest.raises(error, match="^momentum must"):
        train(ready(nn.Dense(3)), DATA, DATA, 1, .1, value)


def test_numpys_numbers_are_taken():
    history = train(ready(nn.Dense(3)), DATA, DATA, np.int64(2), np.float32(.1))
    assert len(history.loss) == 2
    estimate_statistics(ready(BatchNorm(4)), DATA, np.int32(2))


@pytest.mark.parametrize("empty", [[], iter(())])
def test_empty_training_data_are_refused_by_name(empty):
    with pytest.raises(ValueError, match="^train_iter must"):
        train(ready(nn.Dense(3)), empty, DATA, 1, .1)


def test_training_data_that_last_one_epoch_are_refused_by_name():
    with pytest.raises(ValueError, match="^train_iter must"):
        train(ready(nn.Dense(3)), iter(DATA), DATA, 2, .1)


@pytest.mark.parametrize("empty", [[], iter(())])
def test_empty_test_data_are_refused_by_name(empty):
    with pytest.raises(ValueError, match="^data_iter must"):
        train(ready(nn.Dense(3)), DATA, empty, 1, .1)


def test_empty_data_are_refused_by_name_in_evaluate_accuracy():
    with pytest.raises(ValueError, match="^data_iter must"):
        evaluate_accuracy(ready(nn.Dense(3)), [])


@pytest.mark.parametrize("layers", [
    lambda: [nn.Dense(3)],
    lambda: [nn.LayerNorm()],
    lambda: [nn.BatchNorm(use_global_stats=True)],
    lambda: [BatchNorm(4, momentum=1)],
    lambda: [nn.BatchNorm(momentum=.9), nn.BatchNorm(momentum=1)],
])
def test_estimate_refuses_a_net_that_learns_no_statistics(layers):
    with pytest.raises(ValueError, match="^net must have batch normalization"):
        estimate_statistics(ready(*layers()), DATA, 1)
