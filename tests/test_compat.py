"""`import d2l_bn` makes MXNet and d2lzh work.

Each check imports in a process of its own, most on both NumPys.
"""
import sys
import sysconfig
import textwrap

from d2l_bn import compat

import numpy
import pytest
from fresh_python import ROOT, output

SITE = sysconfig.get_path("purelib")


def test_other_numpy_is_another_one(python, other_numpy):
    other = output(python("import numpy; print(numpy.__version__)", [other_numpy]))
    assert other.startswith("2.") and other != numpy.__version__
    # Python 3.13 has no NumPy 1.
    assert numpy.__version__.startswith("1." if sys.version_info < (3, 13) else "2.")


FIRST_USE = """
    import os, sys
    import numpy
    import d2l_bn, mxnet, d2lzh
    mxnet.nd.ones(3).sum().asscalar()
    print("imported", numpy.__version__, flush=True)
    print("from Python", file=sys.stderr, flush=True)
    os.system("echo from a child >&2")
    print(*sorted(name for name in dir(mxnet) if name[0] != "_"))

    from matplotlib import pyplot
    from mxnet import gluon, init, nd
    from mxnet.gluon import nn

    def make():
        net = nn.Sequential()
        net.add(nn.Dense(6), d2l_bn.BatchNorm(6), nn.Dense(2), nn.BatchNorm())
        return net

    net = make()
    net.initialize()
    X = nd.array(numpy.random.RandomState(0).normal(3, 2, (32, 4)))
    y = nd.array(X.asnumpy()[:, 0] > 3)
    history = d2l_bn.train(net, [(X, y)], [(X, y)], num_epochs=20, lr=.5)
    assert history.loss[-1] < .8 * history.loss[0], history.loss
    d2l_bn.estimate_statistics(net, [(X, y)], 1)
    net.save_parameters("kept.params")
    other = make()
    other.load_parameters("kept.params")
    assert (net(X).asnumpy() == other(X).asnumpy()).all()
    assert abs(other[1].running_mean.data().asnumpy()).max() > .1

    d2lzh.use_svg_display()
    d2lzh.set_figsize((2, 1))
    assert list(pyplot.rcParams["figure.figsize"]) == [2, 1]
    ctx = d2lzh.try_gpu()
    batches = [(nd.random.uniform(shape=(8, 1, 28, 28), ctx=ctx),
                nd.arange(8, ctx=ctx)) for _ in range(3)]
    net = d2l_bn.lenet(d2l_bn.BatchNorm)
    net.initialize(init.Xavier(), ctx=ctx)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": .1})
    d2lzh.train_ch5(net, batches, batches, 8, trainer, ctx, 1)
    """
MXNET_FIRST = """
    try:
        import mxnet
    except AttributeError:
        pass
    else:
        raise SystemExit("mxnet imports by itself: nothing to repair")
    """


def test_import_is_silent_repairs_one_that_failed_and_all_works(python, numpy_path):
    done = python(FIRST_USE, numpy_path)
    imported, modules, *_, last = output(done).splitlines()
    assert (imported == f"imported {numpy.__version__}") == (not numpy_path)
    assert imported.startswith("imported ") and last.startswith("epoch 1, loss")
    assert done.stderr.startswith("from Python\nfrom a child\n")
    assert {"autograd", "context", "gluon", "nd", "util"} <= set(modules.split())
    repaired = textwrap.dedent(MXNET_FIRST) + textwrap.dedent(FIRST_USE)
    _, again, *_, last = output(python(repaired, numpy_path)).splitlines()
    assert set(modules.split()) <= set(again.split())
    assert last.startswith("epoch 1, loss")


WITHOUT = {
    "a home that exists": "HOME=/no/such/folder",
    "a home to write to": "HOME=/proc",
    "environment": 'for name in $(env | cut -d= -f1); do unset "$name"; done',
}


@pytest.mark.parametrize("what", WITHOUT)
def test_import_ends_well_without(python, tmp_path, what):
    file = tmp_path / "imported"
    done = python(f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        import d2l_bn, d2lzh
        with open({str(file)!r}, "w") as stream:
            stream.write("imported")
        """, prefix=["sh", "-c", f'{WITHOUT[what]}; exec "$@"', "sh"])
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert file.read_text() == "imported"


def test_import_ends_well_for_a_user_without_an_entry_in_passwd(python):
    done = python("""
        import os, pwd
        def getpwuid(number):  # what Python says then, as in a container's user 12345
            raise KeyError(f"getpwuid(): uid not found: {number}")
        pwd.getpwuid = getpwuid
        import d2l_bn, d2lzh
        print("imported")
        """, HOME=None)
    assert output(done) == "imported"


def test_import_after_a_working_mxnet_keeps_that_mxnet(python):
    assert output(python("""
        import numpy
        if numpy.__version__.startswith("2."):
            import d2l_bn
        numpy.bool = bool  # what people write on NumPy 1.24 to 1.26
        import mxnet
        import d2l_bn
        assert d2l_bn.compat.import_mxnet() is mxnet
        print(vars(numpy)["bool"] is bool)
        """)) == "True"


def test_distutils_comes_from_setuptools_without_its_startup_hook(python):
    assert output(python("""
        import sys
        assert "_distutils_hack" not in sys.modules
        import d2l_bn
        print("imported")
        """, [SITE], ["-S"])) == "imported"


def test_set_matplotlib_formats_is_restored_only_when_missing(monkeypatch):
    from IPython import display
    from matplotlib_inline import backend_inline

    monkeypatch.delattr(display, "set_matplotlib_formats", raising=False)
    compat.restore_set_matplotlib_formats()
    assert display.set_matplotlib_formats is backend_inline.set_matplotlib_formats
    monkeypatch.setattr(display, "set_matplotlib_formats", "IPython's own")
    compat.restore_set_matplotlib_formats()
    assert display.set_matplotlib_formats == "IPython's own"
