"""batch_norm and BatchNorm against NumPy, nd.BatchNorm and stored PyTorch figures."""
from pathlib import Path

import d2l_bn  # first: it makes MXNet importable
from d2l_bn import BatchNorm, batch_norm

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import nn

EPS, MOMENTUM, STEPS = 1e-5, 0.9, 3  # as in torch_figures.py
FIGURES = np.load(Path(__file__).with_name("torch_figures.npz"))
CASES = sorted({name.rsplit("/", 1)[0] for name in FIGURES.files})


def case_figures(case):
    return {name.rsplit("/", 1)[1]: FIGURES[name] for name in FIGURES.files
            if name.startswith(case + "/")}


def tolerance(case):
    if case.endswith("float64"):
        return 1e-9
    return 2e-5 if "/unit/" in case else 2e-4


def assert_close(ours, expected, relative, what):
    ours = ours.asnumpy() if isinstance(ours, nd.NDArray) else ours
    assert ours.shape == expected.shape, what
    error = abs(ours - expected).max() / max(abs(expected).max(), 1e-30)
    assert error <= relative, f"{what}: off by {error:.1e} of the largest value"


def numpy_batch_norm(X, gamma, beta, mean=None, var=None, eps=EPS):
    """The formula in float64, with the axes named outright: an oracle of its own."""
    axes = tuple(axis for axis in range(X.ndim) if axis != 1)
    shape = [1, -1] + [1] * (X.ndim - 2)
    X = X.astype("float64")
    mean = X.mean(axes) if mean is None else mean
    var = ((X - mean.reshape(shape)) ** 2).mean(axes) if var is None else var
    Y = (X - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    return gamma.reshape(shape) * Y + beta.reshape(shape), mean, var


def run(layer, X, dY, training):
    """One forward and backward pass: Y and the gradient of X."""
    X = nd.array(X, dtype=X.dtype)
    X.attach_grad()
    with autograd.record(train_mode=training):
        Y = layer(X)
    Y.backward(nd.array(dY, dtype=dY.dtype), train_mode=training)
    return Y, X.grad


def our_layer(C, dtype, gamma=None, beta=None):
    layer = BatchNorm(C)
    layer.initialize()
    layer.cast(dtype)
    if gamma is not None:
        layer.gamma.set_data(nd.array(gamma, dtype=dtype))
        layer.beta.set_data(nd.array(beta, dtype=dtype))
    return layer


@pytest.mark.parametrize("case", CASES)
def test_layer_agrees_with_pytorch_forward_backward_and_after_several_steps(case):
    figures, relative = case_figures(case), tolerance(case)
    layer = our_layer(len(figures["gamma"]), case.rsplit("/", 1)[1],
                      figures["gamma"], figures["beta"])
    for step in range(STEPS):
        Y, dX = run(layer, figures["X"][step], figures["dY"][step], training=True)
        if step == 0:
            assert_close(Y, figures["train_Y"], relative, "Y")
            assert_close(dX, figures["train_dX"], relative, "dX")
            assert_close(layer.gamma.grad(), figures["train_dgamma"], relative,
                         "dgamma")
            assert_close(layer.beta.grad(), figures["train_dbeta"], relative, "dbeta")
    assert_close(layer.running_mean.data(), figures["moving_mean"], relative, "mean")
    assert_close(layer.running_var.data(), figures["moving_var"], relative, "variance")
    Y, dX = run(layer, figures["X"][0], figures["dY"][0], training=False)
    assert_close(Y, figures["predict_Y"], relative, "Y in prediction")
    assert_close(dX, figures["predict_dX"], relative, "dX in prediction")
    assert_close(layer.gamma.grad(), figures["predict_dgamma"], relative, "dgamma")
    assert_close(layer.beta.grad(), figures["predict_dbeta"], relative, "dbeta")


@pytest.mark.parametrize("case", CASES)
def test_function_agrees_with_pytorch(case):
    figures, relative = case_figures(case), tolerance(case)
    dtype = case.rsplit("/", 1)[1]
    gamma, beta = (nd.array(figures[name], dtype=dtype) for name in ("gamma", "beta"))
    mean, var = nd.zeros(gamma.shape, dtype=dtype), nd.ones(gamma.shape, dtype=dtype)
    for step in range(STEPS):
        X = nd.array(figures["X"][step], dtype=dtype)
        with autograd.train_mode():
            Y, mean, var = batch_norm(X, gamma, beta, mean, var, EPS, MOMENTUM)
        if step == 0:
            assert_close(Y, figures["train_Y"], relative, "Y")
    assert_close(mean, figures["moving_mean"], relative, "moving mean")
    assert_close(var, figures["moving_var"], relative, "moving variance")
    X = nd.array(figures["X"][0], dtype=dtype)
    Y, same_mean, same_var = batch_norm(X, gamma, beta, mean, var, EPS, MOMENTUM)
    assert_close(Y, figures["predict_Y"], relative, "Y in prediction")
    assert same_mean is mean and same_var is var


@pytest.mark.parametrize("shape", [(8, 5), (6, 4, 7), (10, 3, 6, 5)])
@pytest.mark.parametrize("training", [True, False])
def test_layer_agrees_with_the_built_in_operator(shape, training):
    random, C = np.random.RandomState(1), shape[1]
    X, dY = (random.normal(2, 3, shape).astype("float32") for _ in range(2))
    gamma, beta, mean = (random.normal(size=C).astype("float32") for _ in range(3))
    var = random.uniform(.5, 2, C).astype("float32")
    theirs, ours = nn.BatchNorm(epsilon=EPS), BatchNorm(C)
    results = []
    for layer in (ours, theirs):
        layer.initialize()
        layer(nd.array(X))
        for name, value in zip(("gamma", "beta", "running_mean", "running_var"),
                               (gamma, beta, mean, var), strict=True):
            getattr(layer, name).set_data(nd.array(value))
        Y, dX = run(layer, X, dY, training)
        results.append([Y, dX, layer.gamma.grad(), layer.beta.grad(),
                        layer.running_mean.data(), layer.running_var.data()])
    for name, ours, theirs in zip(("Y", "dX", "dgamma", "dbeta", "mean", "variance"),
                                  *results, strict=True):
        assert_close(ours, theirs.asnumpy(), 2e-5, name)


@pytest.mark.parametrize("shape", [(8, 5), (6, 4, 7), (10, 3, 6, 5), (4, 3, 2, 5, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("settings", [{}, {"static_alloc": True, "static_shape": True}])
def test_compiled_layer_agrees_with_the_built_in_operator(shape, dtype, settings):
    """Over steps with batches of two sizes, as at the end of an epoch."""
    random, C = np.random.RandomState(2), shape[1]
    ours, theirs = our_layer(C, dtype), nn.BatchNorm(epsilon=EPS)
    theirs.initialize()
    theirs.cast(dtype)
    ours.hybridize(**settings)
    gamma, beta = random.normal(size=(2, C))
    for N in (shape[0], shape[0] - 2, shape[0]):
        X, dY = (random.normal(2, 3, (N, *shape[1:])).astype(dtype) for _ in range(2))
        results = []
        for layer in (ours, theirs):
            if not results and N == shape[0]:
                theirs(nd.array(X, dtype=dtype))  # gives its parameters their shape
            layer.gamma.set_data(nd.array(gamma, dtype=dtype))
            layer.beta.set_data(nd.array(beta, dtype=dtype))
            Y, dX = run(layer, X, dY, training=True)
            nd.waitall()
            results.append([Y, dX, layer.gamma.grad().copy(), layer.beta.grad().copy(),
                            layer.running_mean.data(), layer.running_var.data(),
                            run(layer, X, dY, training=False)[0]])
        # The operator keeps momentum in float32: its statistics are no better.
        exact, rough = (2e-5, 2e-5) if dtype == "float32" else (1e-9, 1e-6)
        for name, a, b, relative in zip(
                ("Y", "dX", "dgamma", "dbeta", "mean", "variance", "Y in prediction"),
                *results, [exact] * 4 + [rough] * 3, strict=True):
            assert_close(a, b.asnumpy(), relative, name)


def test_a_net_hybridizes_our_layer_inside_it_and_forgets_it_on_request():
    net = nn.Sequential()
    net.add(nn.Dense(4), BatchNorm(4))
    net.initialize()
    X = nd.random.normal(shape=(8, 3))
    with autograd.train_mode():
        plain = net(X).asnumpy()
        net.hybridize(static_alloc=True, static_shape=True)
        assert net[1].normalise._active
        assert_close(net(X), plain, 1e-6, "compiled")
        net.hybridize(active=False)
        assert not net[1].normalise._active
        assert_close(net(X), plain, 1e-6, "as before")


@st.composite
def arrays(draw):
    """A batch of rank 2 to 5, more than one number a channel, and its random state."""
    rank = draw(st.integers(2, 5))
    shape = [draw(st.integers(1, 5)) for _ in range(rank)]
    if np.prod(shape) == shape[1]:
        shape[0] = 2
    random = np.random.RandomState(draw(st.integers(0, 2**31)))
    mean, std = draw(st.floats(-20, 20)), draw(st.floats(.1, 10))
    return random.normal(mean, std, shape), random


@settings(deadline=None, max_examples=60)
@given(arrays())
def test_any_rank_and_scale_agree_with_numpy_in_float64(drawn):
    X, random = drawn
    gamma, beta = random.normal(size=(2, X.shape[1]))
    expected, mean, var = numpy_batch_norm(X, gamma, beta)
    zeros = nd.zeros(X.shape[1], dtype="float64")
    ones = nd.ones(X.shape[1], dtype="float64")
    with autograd.train_mode():
        Y, moving_mean, moving_var = batch_norm(
            nd.array(X, dtype="float64"), nd.array(gamma, dtype="float64"),
            nd.array(beta, dtype="float64"), zeros, ones, EPS, MOMENTUM)
    assert_close(Y, expected, 1e-9, "Y")
    np.testing.assert_allclose(moving_mean.asnumpy(), .1 * mean, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(moving_var.asnumpy(), .9 + .1 * var, rtol=1e-9)


@settings(deadline=None, max_examples=30)
@given(arrays(), st.floats(.1, 10), st.floats(-5, 5))
def test_output_does_not_see_the_scale_and_shift_of_its_input(drawn, a, b):
    X, _ = drawn
    layer = our_layer(X.shape[1], "float64")
    layer.eps = 0.0
    if any(X.transpose(1, 0, *range(2, X.ndim)).reshape(X.shape[1], -1).std(1) < 1e-3):
        return  # a channel that hardly varies has nothing to normalise
    with autograd.train_mode():
        Y, other = (layer(nd.array(Z, dtype="float64")).asnumpy()
                    for Z in (X, a * X + b))
    np.testing.assert_allclose(Y, other, rtol=1e-6, atol=1e-6)


@settings(deadline=None, max_examples=30)
@given(arrays())
def test_statistics_keep_the_shape_they_came_in(drawn):
    X, _ = drawn
    C, results = X.shape[1], []
    for shape in ((C,), (1, C), (1, C, 1, 1)):
        one, zero = nd.ones(shape, dtype="float64"), nd.zeros(shape, dtype="float64")
        with autograd.train_mode():
            Y, mean, var = batch_norm(nd.array(X, dtype="float64"), one, zero, zero,
                                      one, EPS, MOMENTUM)
        assert mean.shape == var.shape == shape
        results.append(np.concatenate([a.asnumpy().ravel() for a in (Y, mean, var)]))
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])


def test_gradient_agrees_with_finite_differences():
    random = np.random.RandomState(2)
    X, dY = random.normal(size=(2, 4, 3, 2, 2))
    gamma, beta = random.normal(size=(2, 3))
    _, dX = run(our_layer(3, "float64", gamma, beta), X, dY, training=True)
    for place in np.ndindex(X.shape):
        step = np.zeros_like(X)
        step[place] = 1e-5
        up, down = (numpy_batch_norm(Z, gamma, beta)[0] for Z in (X + step, X - step))
        slope = ((up - down) * dY).sum() / 2e-5
        assert abs(dX.asnumpy()[place] - slope) < 1e-7


def test_moving_statistics_are_not_in_the_graph():
    X = nd.random.normal(shape=(4, 3))
    one, zero = nd.ones(3), nd.zeros(3)
    for array in (X, one, zero):
        array.attach_grad()
    with autograd.record():
        _, mean, var = batch_norm(X, one, zero, zero, one, EPS, MOMENTUM)
    for statistic in (mean, var):
        with pytest.raises(mx.MXNetError):
            statistic.backward()


def test_record_in_prediction_mode_after_training_gives_the_right_gradient():
    X = np.random.RandomState(3).normal(size=(6, 3))
    layer = our_layer(3, "float64")
    for _ in range(2):
        run(layer, X, np.ones_like(X), training=True)
    var = layer.running_var.data().asnumpy()
    _, dX = run(layer, X, np.ones_like(X), training=False)
    assert_close(dX, np.broadcast_to(1 / np.sqrt(var + EPS), X.shape), 1e-9, "dX")


def built_in(num_features, num_dims):
    return nn.BatchNorm()


def small_net(norm):
    net = nn.Sequential()
    net.add(nn.Conv2D(4, 3), norm(4, 4), nn.Activation("relu"), nn.Dense(5), norm(5, 2))
    return net


@pytest.mark.parametrize("writer, reader", [
    (BatchNorm, built_in), (built_in, BatchNorm), (BatchNorm, BatchNorm)])
def test_parameter_files_move_to_the_built_in_and_back(tmp_path, writer, reader):
    mx.random.seed(0)
    X = nd.random.normal(3, 2, shape=(16, 2, 6, 6))
    net = small_net(writer)
    net.initialize(init.Xavier())
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": .1})
    for _ in range(5):
        with autograd.record():
            loss = net(X).square().mean()
        loss.backward()
        trainer.step(1)
    path = str(tmp_path / "net.params")
    net.save_parameters(path)
    other = small_net(reader)
    other.load_parameters(path)
    assert_close(other(X), net(X).asnumpy(), 1e-5, "predictions")
    assert abs(net[1].running_mean.data().asnumpy()).max() > 0.01


def test_cast_reset_ctx_force_reinit_and_several_contexts():
    layer = our_layer(3, "float32")
    X = np.random.RandomState(4).normal(5, 2, (8, 3))
    run(layer, X.astype("float32"), np.ones((8, 3), "float32"), training=True)
    moved = layer.running_mean.data().asnumpy()
    layer.cast("float64")
    assert layer.running_mean.data().dtype == np.float64
    assert_close(layer.running_mean.data(), moved.astype("float64"), 1e-7, "cast")
    layer.collect_params().reset_ctx([mx.cpu(0), mx.cpu(1)])
    assert_close(layer.running_mean.data(mx.cpu(1)), moved.astype(float), 1e-7, "ctx")
    with autograd.train_mode():
        layer(nd.array(X, ctx=mx.cpu(1), dtype="float64"))
    assert abs(layer.running_mean.data(mx.cpu(1)).asnumpy() - moved).max() > .1
    assert_close(layer.running_mean.data(mx.cpu(0)), moved.astype(float), 1e-7, "ctx")
    layer.initialize(init.Xavier(), ctx=mx.cpu(), force_reinit=True)
    assert layer.running_mean.data().asnumpy().tolist() == [0, 0, 0]
    assert layer.running_var.data().asnumpy().tolist() == [1, 1, 1]
    assert layer.gamma.data().asnumpy().tolist() == [1, 1, 1]


def good_arguments():
    return {"X": nd.ones((4, 3, 2, 2)), "gamma": nd.ones(3), "beta": nd.zeros(3),
            "moving_mean": nd.zeros(3), "moving_var": nd.ones(3), "eps": EPS,
            "momentum": MOMENTUM}


def empty():
    with mx.util.np_shape(True):
        return nd.zeros((0, 3))


BAD = [
    ("X", lambda: nd.ones(3), ValueError, "at least 2 axes"),
    ("X", lambda: np.ones((4, 3)), TypeError, "ndarray"),
    ("X", lambda: nd.ones((4, 3), dtype="int32"), TypeError, "int32"),
    ("X", lambda: nd.ones((4, 3), dtype="float16"), TypeError, "float16"),
    ("X", lambda: nd.ones((1, 3)), ValueError, "more than one number"),
    ("X", empty, ValueError, "(0, 3)"),
    ("X", lambda: nd.ones((4, 6, 2, 2)), ValueError, "(3,)"),
    ("X", lambda: nd.ones((4, 3), dtype="float64"), ValueError, "got float32"),
    ("gamma", lambda: nd.ones(4), ValueError, "(4,)"),
    ("gamma", lambda: nd.ones((3, 1)), ValueError, "(3, 1)"),
    ("gamma", lambda: nd.ones(3, dtype="float64"), ValueError, "got float64"),
    ("gamma", lambda: 1.0, TypeError, "float"),
    ("beta", lambda: nd.zeros((1, 1, 3)), ValueError, "(1, 1, 3)"),
    ("beta", lambda: None, TypeError, "NoneType"),
    ("moving_mean", lambda: nd.zeros((2, 2)), ValueError, "(2, 2)"),
    ("moving_mean", lambda: nd.zeros(3, ctx=mx.cpu(1)), ValueError, "cpu(1)"),
    ("moving_var", lambda: nd.ones(1), ValueError, "(1,)"),
    ("moving_var", lambda: [1, 1, 1], TypeError, "list"),
    ("eps", lambda: -1e-5, ValueError, "-1e-05"),
    ("eps", lambda: float("nan"), ValueError, "nan"),
    ("eps", lambda: float("inf"), ValueError, "inf"),
    ("eps", lambda: "1e-5", TypeError, "1e-5"),
    ("momentum", lambda: float("nan"), ValueError, "nan"),
    ("momentum", lambda: 1.1, ValueError, "1.1"),
    ("momentum", lambda: -.1, ValueError, "-0.1"),
    ("momentum", lambda: True, TypeError, "True"),
]


@pytest.mark.parametrize("name, bad, error, said", BAD,
                         ids=[f"{name}-{said}" for name, _, _, said in BAD])
def test_bad_arguments_are_refused_by_name(name, bad, error, said):
    arguments = good_arguments() | {name: bad()}
    with autograd.train_mode(), pytest.raises(error) as caught:
        batch_norm(**arguments)
    assert said in str(caught.value)
    # gamma is the first argument that disagrees with such an X.
    at_fault = "gamma" if said in ("(3,)", "got float32") else name
    assert str(caught.value).startswith(f"{at_fault} must")


@pytest.mark.parametrize("arguments, error, name", [
    ({"num_features": 0}, ValueError, "num_features"),
    ({"num_features": 2.0}, TypeError, "num_features"),
    ({"num_features": True}, TypeError, "num_features"),
    ({"num_features": 3, "num_dims": 1}, ValueError, "num_dims"),
    ({"num_features": 3, "num_dims": "4"}, TypeError, "num_dims"),
    ({"num_features": 3, "eps": -1}, ValueError, "eps"),
    ({"num_features": 3, "momentum": 2}, ValueError, "momentum"),
])
def test_bad_layers_are_refused_by_name(arguments, error, name):
    with pytest.raises(error, match=f"^{name} must"):
        BatchNorm(**arguments)


def test_layer_refuses_an_input_of_another_rank():
    layer = BatchNorm(3, num_dims=4)
    layer.initialize()
    with pytest.raises(ValueError, match=r"num_dims=4.*\(2, 3\)"):
        layer(nd.ones((2, 3)))


def test_public_names_are_there():
    assert all(callable(getattr(d2l_bn, name)) for name in d2l_bn.__all__)
