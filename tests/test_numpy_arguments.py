"""NumPy's numbers and names serve MXNet when it runs, on every NumPy.

NumPy 2 writes np.int64(3) where NumPy 1 writes 3, which MXNet's C++ code cannot read.
"""
import textwrap

from d2l_bn.mending import Text

import numpy
import pytest
from fresh_python import output

half = numpy.float32(.5)

BEFORE = """
    import warnings
    import numpy
    import d2l_bn
    import mxnet as mx
    from mxnet import autograd, gluon, nd, sym
    from mxnet.gluon import nn
    three, half = numpy.int64(3), numpy.float64(.5)
    """
USES = """
    nd.zeros((2, three)).shape == (2, 3)
    nd.zeros(three).shape == (3,)
    nd.ones((1, 1, 3, 3)).pad("constant", (0, 0, 0, 0, three, 1, 1, 1)).shape[2] == 7
    nd.random.uniform(shape=(2, three)).shape == (2, 3)
    nd.ones((6,)).reshape((three, -1)).shape == (3, 2)
    nd.ones((2, 3)).transpose([numpy.int64(1), 0]).shape == (3, 2)
    nd.contrib.MultiBoxPrior(nd.ones((1, 3, 4, 4)), sizes=[half]).shape == (1, 16, 4)
    mx.np.zeros((2, three)).shape == (2, 3)
    sym.zeros((2, three)).eval()[0].shape == (2, 3)
    sym.var("x", shape=(2, three)).infer_shape()[1] == [(2, 3)]
    sym.var("x", lr_mult=half).attr("__lr_mult__") == "0.5"
    layer(nn.BatchNorm(in_channels=three), nd.ones((2, 3))) == (2, 3)
    layer(nn.Dense(three, in_units=three), nd.ones((2, 3))) == (2, 3)
    layer(nn.Conv2D(three, (three, three)), nd.ones((2, 1, 5, 5))) == (2, 3, 3, 3)
    layer(d2l_bn.BatchNorm(three), nd.ones((2, 3)), compiled=False) == (2, 3)
    steps("sgd", learning_rate=half, momentum=numpy.float32(.9), wd=half)
    steps("adam", learning_rate=half, beta1=numpy.float32(.5))
    steps("sgd", lr_scheduler=mx.lr_scheduler.FactorScheduler(1, half, base_lr=half))
    d2l_bn.mending.Text(("a", numpy.str_("b"), numpy.float16(.1))) == "('a', 'b', 0.1)"
    rows(data_shape=(three,), batch_size=three) == (3, 3)
    """
HELPERS = """
    def layer(layer, X, compiled=True):
        layer.initialize()
        if compiled:
            layer.hybridize(static_alloc=True)
        return layer(X).shape

    def steps(name, **arguments):
        net = nn.Sequential()
        net.add(nn.Dense(3, in_units=2), nn.Dense(2, in_units=3))
        net.initialize()
        trainer = gluon.Trainer(net.collect_params(), name, arguments)
        for _ in range(2):
            with autograd.record():
                loss = net(nd.ones((4, 2))).sum()
            loss.backward()
            trainer.step(numpy.int64(4))
        return bool((net[0].weight.data().asnumpy() != 0).any())

    def rows(**arguments):
        numpy.savetxt("rows.csv", numpy.ones((6, 3)), delimiter=",")
        return next(mx.io.CSVIter(data_csv="rows.csv", **arguments)).data[0].shape

    options = repr(numpy.get_printoptions())
    for use in uses:
        try:
            assert eval(use), "false"
        except Exception as err:
            print(use, type(err).__name__, str(err).split("\\n")[0])
    assert repr(numpy.get_printoptions()) == options
    assert repr(three) == ("3" if numpy.__version__[0] == "1" else "np.int64(3)")
    """


# What asked NumPy for a removed or renamed name when it ran, and what it gives.
ASKED = """
    test_utils.check_numeric_gradient(square, [two]) is None
    len(test_utils.check_symbolic_forward(square, [two], [two**2])) == 1
    test_utils.assert_almost_equal(nd.ones(2), numpy.ones(2)) is None
    test_utils.gen_buckets_probs_with_ppf(lambda p: p, 4)[1] == [.25] * 4
    buckets_counted_by_chi_square_check() is None
    mx.np.pad(two_mx, ((1, 0), (0, 0)), mode="edge").asnumpy().tolist()[0] == [2, 1]
    two_mx[two_mx > 1].asnumpy().tolist() == [2, 3]
    two_mx[mx.np.array([False, True], dtype=bool)].asnumpy().tolist() == [[1, 3]]
    mx.np.full((2,), True).dtype == bool
    mx.np.array(True, dtype=bool).item() is True
    numpy.allclose(mx.np.linalg.qr(two_mx)[1].asnumpy(), numpy.linalg.qr(two)[1])
    mx.np.in1d(two_mx, mx.np.array([2.])).asnumpy().tolist() == [True] + 3 * [False]
    mx.np.trapz(two_mx).asnumpy().tolist() == [1.5, 2]
    bool(mx.np.alltrue(two_mx)) is True
    nd.moveaxis(nd.ones((2, 3, 4)), 0, -1).shape == (3, 4, 2)
    recordio.unpack(recordio.pack((0, two[0], 7, 0), b"x"))[0].label.tolist() == [2, 1]
    recordio.unpack(recordio.pack((0, 4., 7, 0), b"x"))[1] == b"x"
    CheckpointHandler(".", "a", accuracy, save_best=True, mode="max").best == -numpy.inf
    """
ASKING = """
    import sys, types, warnings
    import numpy
    import d2l_bn
    import mxnet as mx
    from mxnet import nd, recordio, sym, test_utils
    from mxnet.gluon.contrib.estimator import CheckpointHandler

    def buckets_counted_by_chi_square_check():
        chisquare = lambda f_obs, f_exp: (0, sum(f_obs))
        test_utils.ss = types.SimpleNamespace(chisquare=chisquare)  # for scipy
        test_utils.chi_square_check(lambda n: [0] * n, [0, 1], [.5, .5], 10)

    mx.npx.set_np()
    two = numpy.array([[2., 1.], [1., 3.]], "float32")
    two_mx = mx.np.array(two)
    mx.npx.reset_np()
    square, accuracy = sym.square(sym.var("x")), mx.metric.Accuracy()
    for use in asked:
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("error", ".*(np[.]|numpy[.])")
                # Still there in some NumPy 2, which only advises another name.
                warnings.filterwarnings("ignore", "`in1d` is deprecated")
                assert eval(use), "false"
        except Exception as err:
            print(use, type(err).__name__, err)
    """


def test_numpys_numbers_are_taken_and_what_mxnet_asks_numpy_for_is_there(python,
                                                                         numpy_path):
    uses, asked = ([line.strip() for line in lines.strip().splitlines()]
                   for lines in (USES, ASKED))
    code = "\n".join(map(textwrap.dedent, (BEFORE, HELPERS, ASKING)))
    assert output(python(f"uses, asked = {uses}, {asked}\n{code}", numpy_path)) == ""


@pytest.mark.parametrize("value, text", [
    (numpy.int64(3), "3"), (numpy.float32(.1), "0.1"), (numpy.bool_(True), "True"),
    ((), "()"), ([], "[]"), ((numpy.int64(3),), "(3,)"), ([numpy.int64(3)], "[3]"),
    ((1, numpy.float64(.5), None), "(1, 0.5, None)"),
    (((numpy.int64(1), 2), [numpy.int8(3), (half,)]), "((1, 2), [3, (0.5,)])"),
    ((numpy.bool_(False), True), "(False, True)"),
    (("a", numpy.str_("b")), "('a', 'b')"), ("np.int64(3)", "np.int64(3)"),
    (None, "None"), ({"a": 1}, "{'a': 1}")])
def test_text_is_what_numpy_1_would_write(value, text):
    assert Text(value) == text and type(Text(value)) is str


@pytest.mark.parametrize("value", ["a", 1, ("a",), None])
def test_text_stands_for_str_in_isinstance(value):
    assert isinstance(value, Text) == isinstance(value, str)
