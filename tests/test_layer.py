"""The layers as Gluon blocks: files, devices, copies, settings; what is refused."""
import copy
import pickle

import d2l_bn  # noqa: F401 - first: it makes MXNet importable
from d2l_bn import BatchNorm, FastBatchNorm, batch_norm

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import nn
from norm_oracles import EPS, KINDS, MOMENTUM, assert_close, our_layer, run

every_kind = pytest.mark.parametrize("kind", KINDS)


def built_in(num_features, num_dims):
    return nn.BatchNorm()


def small_net(norm):
    net = nn.Sequential()
    net.add(nn.Conv2D(4, 3), norm(4, 4), nn.Activation("relu"), nn.Dense(5), norm(5, 2))
    return net


@pytest.mark.parametrize("writer, reader", [
    (BatchNorm, built_in), (built_in, BatchNorm), (BatchNorm, BatchNorm),
    (FastBatchNorm, built_in), (built_in, FastBatchNorm), (BatchNorm, FastBatchNorm)])
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


@every_kind
def test_cast_reset_ctx_force_reinit_and_several_contexts(kind):
    layer = our_layer(kind, 3, "float32")
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
    ("X", lambda: np.ones((4, 3)), TypeError, "numpy.ndarray"),
    ("X", lambda: mx.np.ones((4, 3)), TypeError, "as_nd_ndarray"),
    ("X", lambda: nd.ones((4, 3)).tostype("csr"), TypeError, "CSRNDArray"),
    ("X", lambda: [[1., 2., 3.]] * 4, TypeError, "list"),
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


@pytest.mark.parametrize("layer", [BatchNorm, FastBatchNorm])
@pytest.mark.parametrize("arguments, error, name", [
    ({"num_features": 0}, ValueError, "num_features"),
    ({"num_features": 2.0}, TypeError, "num_features"),
    ({"num_features": True}, TypeError, "num_features"),
    ({"num_features": 3, "num_dims": 1}, ValueError, "num_dims"),
    ({"num_features": 3, "num_dims": "4"}, TypeError, "num_dims"),
    ({"num_features": 3, "eps": -1}, ValueError, "eps"),
    ({"num_features": 3, "momentum": 2}, ValueError, "momentum"),
])
def test_bad_layers_are_refused_by_name(layer, arguments, error, name):
    with pytest.raises(error, match=f"^{name} must"):
        layer(**arguments)


@every_kind
@pytest.mark.parametrize("training", [True, False])
def test_layers_refuse_an_input_of_another_rank(kind, training):
    layer = KINDS[kind](3, num_dims=4)
    layer.initialize()
    with autograd.record(train_mode=training), \
            pytest.raises(ValueError, match=r"num_dims=4.*\(2, 3\)"):
        layer(nd.ones((2, 3)))


@every_kind
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("bad", [case for case in BAD if case[0] == "X"],
                         ids=lambda case: case[-1])
def test_layers_refuse_bad_input_in_both_modes(kind, training, bad):
    name, make, error, said = bad
    if said == "more than one number" and not training:
        return  # one sample can be predicted
    with autograd.record(train_mode=training), pytest.raises(error) as caught:
        our_layer(kind, 3, "float32")(make())
    assert said in str(caught.value)


@every_kind
def test_parameters_have_the_names_of_gluons_and_no_other(kind):
    names = our_layer(kind, 3, "float32")._collect_params_with_prefix()
    assert set(names) == set(nn.BatchNorm()._collect_params_with_prefix())


@every_kind
def test_statistics_are_no_weights(kind):
    layer = our_layer(kind, 3, "float32")
    layer.collect_params().setattr("grad_req", "write")
    for statistic in (layer.running_mean, layer.running_var):
        assert statistic.grad_req == "null"


def test_fast_layer_is_compiled_and_forgets_it_on_request():
    net = nn.Sequential()
    net.add(nn.Dense(4), FastBatchNorm(4))
    net.initialize()
    X = nd.random.normal(shape=(8, 3))
    with autograd.train_mode():
        plain = net(X).asnumpy()
        net.hybridize(static_alloc=True, static_shape=True)
        assert net[1].normalise._active
        assert_close(net(X), plain, 1e-6, "compiled")
        assert net[1].normalise._cached_op is not None
        net.hybridize(active=False)
        assert not net[1].normalise._active
        assert_close(net(X), plain, 1e-6, "as before")


@every_kind
@pytest.mark.parametrize("name, value", [("eps", 1.), ("momentum", .5)])
def test_both_modes_follow_a_changed_attribute(kind, name, value):
    X = np.random.RandomState(5).normal(3, 2, (8, 3))
    changed = our_layer(kind, 3, "float64")
    run(changed, X, X, training=True)
    changed.collect_params().initialize(force_reinit=True)
    setattr(changed, name, value)
    fresh = BatchNorm(3, **{name: value})
    fresh.initialize()
    fresh.cast("float64")
    for training in (True, False):
        for ours, expected in zip(run(changed, X, X, training),
                                  run(fresh, X, X, training), strict=True):
            assert_close(ours, expected.asnumpy(), 1e-9, name)


@every_kind
@pytest.mark.parametrize("copied", [
    copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_copies_and_pickles_live_for_themselves(kind, copied):
    X = np.random.RandomState(6).normal(3, 2, (8, 3))
    layer = our_layer(kind, 3, "float64")
    before = run(layer, X, X, training=True)[0].asnumpy()
    other = copied(layer)
    mean = layer.running_mean.data().asnumpy()
    assert_close(other.running_mean.data(), mean, 1e-12, "copied statistics")
    layer.eps = 1.
    assert_close(run(other, X, X, training=True)[0], before, 1e-9, "its own eps")
    assert (layer.running_mean.data().asnumpy() == mean).all()
    assert kind != "compiled" or other.normalise._active


@every_kind
def test_numpys_whole_numbers_are_taken_as_features(kind):
    layer = KINDS[kind](np.int64(3), num_dims=np.int32(2))
    layer.initialize()
    assert layer(nd.ones((2, 3))).shape == (2, 3)
