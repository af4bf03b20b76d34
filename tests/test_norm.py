"""batch_norm and both layers against NumPy, nd.BatchNorm and PyTorch's figures."""
import d2l_bn  # first: it makes MXNet importable
from d2l_bn import batch_norm

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd, nd
from mxnet.gluon import nn
from norm_oracles import (
    CASES,
    EPS,
    KINDS,
    MOMENTUM,
    STEPS,
    assert_close,
    case_figures,
    numpy_batch_norm,
    our_layer,
    run,
    tolerance,
)

every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
@pytest.mark.parametrize("case", CASES)
def test_layers_agree_with_pytorch_forward_backward_and_after_steps(kind, case):
    figures, relative = case_figures(case), tolerance(case)
    layer = our_layer(kind, len(figures["gamma"]), case.rsplit("/", 1)[1],
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


@every_kind
@pytest.mark.parametrize("shape", [(8, 5), (6, 4, 7), (10, 3, 6, 5), (4, 3, 2, 5, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_layers_agree_with_the_built_in_operator(kind, shape, dtype):
    """Over steps with batches of two sizes, as at the end of an epoch."""
    random, C = np.random.RandomState(2), shape[1]
    ours, theirs = our_layer(kind, C, dtype), nn.BatchNorm(epsilon=EPS, in_channels=C)
    theirs.initialize()
    theirs.cast(dtype)
    gamma, beta = random.normal(size=(2, C))
    for N in (shape[0], shape[0] - 2, shape[0]):
        X, dY = (random.normal(2, 3, (N, *shape[1:])).astype(dtype) for _ in range(2))
        results = []
        for layer in (ours, theirs):
            layer.gamma.set_data(nd.array(gamma, dtype=dtype))
            layer.beta.set_data(nd.array(beta, dtype=dtype))
            Y, dX = run(layer, X, dY, training=True)
            nd.waitall()  # Gluon's statistics are written unknown to the engine
            results.append([Y, dX, layer.gamma.grad().copy(), layer.beta.grad().copy(),
                            layer.running_mean.data(), layer.running_var.data(),
                            *run(layer, X, dY, training=False),
                            layer.gamma.grad(), layer.beta.grad()])
        # The operator keeps momentum in float32: its statistics are no better.
        exact, rough = (2e-5, 2e-5) if dtype == "float32" else (1e-9, 1e-6)
        for name, a, b, relative in zip(
                ("Y", "dX", "dgamma", "dbeta", "mean", "variance", "Y in prediction",
                 "dX in prediction", "dgamma in prediction", "dbeta in prediction"),
                *results, [exact] * 4 + [rough] * 6, strict=True):
            assert_close(a, b.asnumpy(), relative, name)


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


@settings(deadline=None, max_examples=60)
@given(arrays(), st.sampled_from(["fast", "compiled"]))
def test_fast_layers_agree_with_the_readable_one(drawn, kind):
    X, random = drawn
    dY, results = random.normal(size=X.shape), []
    gamma, beta = random.normal(size=(2, X.shape[1]))
    for layer in (our_layer(name, X.shape[1], "float64", gamma, beta)
                  for name in ("readable", kind)):
        results.append([*run(layer, X, dY, training=True), layer.gamma.grad().copy(),
                        layer.beta.grad().copy(), layer.running_mean.data(),
                        layer.running_var.data(), *run(layer, X, dY, training=False)])
    for ours, expected in zip(*results, strict=True):
        np.testing.assert_allclose(ours.asnumpy(), expected.asnumpy(), rtol=1e-7,
                                   atol=1e-7)


@settings(deadline=None, max_examples=30)
@given(arrays(), st.floats(.1, 10), st.floats(-5, 5), st.sampled_from(list(KINDS)))
def test_output_does_not_see_the_scale_and_shift_of_its_input(drawn, a, b, kind):
    X, _ = drawn
    layer = our_layer(kind, X.shape[1], "float64")
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
        assert mean.dtype == var.dtype == np.float64
        results.append(np.concatenate([a.asnumpy().ravel() for a in (Y, mean, var)]))
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])


@every_kind
def test_gradient_agrees_with_finite_differences(kind):
    random = np.random.RandomState(2)
    X, dY = random.normal(size=(2, 4, 3, 2, 2))
    gamma, beta = random.normal(size=(2, 3))
    _, dX = run(our_layer(kind, 3, "float64", gamma, beta), X, dY, training=True)
    for place in np.ndindex(X.shape):
        step = np.zeros_like(X)
        step[place] = 1e-5
        up, down = (numpy_batch_norm(Z, gamma, beta)[0] for Z in (X + step, X - step))
        slope = ((up - down) * dY).sum() / 2e-5
        assert abs(dX.asnumpy()[place] - slope) < 1e-7


def test_updated_statistics_are_not_in_the_graph():
    X = nd.random.normal(shape=(4, 3))
    one, zero = nd.ones(3), nd.zeros(3)
    for array in (X, one, zero):
        array.attach_grad()
    with autograd.record():
        _, mean, var = batch_norm(X, one, zero, zero, one, EPS, MOMENTUM)
    for statistic in (mean, var):
        with pytest.raises(mx.MXNetError):
            statistic.backward()


@pytest.mark.parametrize("training", [True, False])
def test_no_gradient_reaches_the_moving_statistics(training):
    X = nd.random.normal(2, 3, shape=(4, 3))
    moving_mean, moving_var = nd.ones(3), 2 * nd.ones(3)
    for array in (X, moving_mean, moving_var):
        array.attach_grad()
    with autograd.record(train_mode=training):
        Y, _, _ = batch_norm(X, nd.ones(3), nd.ones(3), moving_mean, moving_var, EPS,
                             MOMENTUM)
    Y.backward(nd.random.normal(shape=(4, 3)), train_mode=training)
    assert abs(X.grad.asnumpy()).max() > .01
    for array in (moving_mean, moving_var):
        assert array.grad.asnumpy().tolist() == [0, 0, 0]


@every_kind
@pytest.mark.parametrize("backward", [False, True])
def test_gradient_recorded_in_prediction_is_right_however_asked_for(kind, backward):
    """MXNet's operator asks for the mode again when it goes back."""
    X = np.random.RandomState(3).normal(size=(6, 3))
    layer = our_layer(kind, 3, "float64")
    for _ in range(2):
        run(layer, X, np.ones_like(X), training=True)
    var = layer.running_var.data().asnumpy()
    X = nd.array(X, dtype="float64")
    X.attach_grad()
    with autograd.record(train_mode=False):
        Y = layer(X)
    Y.backward(train_mode=backward)
    expected = np.broadcast_to(1 / np.sqrt(var + EPS), X.shape)
    assert_close(X.grad, expected, 1e-9, "dX")
    assert (layer.running_var.data().asnumpy() == var).all()


def test_public_names_are_there():
    assert all(callable(getattr(d2l_bn, name)) for name in d2l_bn.__all__)


@every_kind
def test_a_large_mean_does_not_swamp_the_variance(kind):
    """As E[X^2] - E[X]^2 in float32 would."""
    X = np.random.RandomState(4).normal(1000, 1, (64, 3, 6, 6)).astype("float32")
    gamma, beta = np.ones(3), np.zeros(3)
    expected, _, _ = numpy_batch_norm(X, gamma, beta)
    Y, _ = run(our_layer(kind, 3, "float32"), X, X, training=True)
    assert_close(Y, expected, 1e-3, "Y")
