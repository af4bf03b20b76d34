"""`import d2l_bn` makes MXNet and d2lzh importable and disturbs nothing else.

Each check that imports does so in a process of its own, on both NumPy 1 and NumPy 2.
"""
import os
import signal
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path
from types import SimpleNamespace

from d2l_bn import compat, speed

import numpy
import pytest

ROOT = Path(__file__).resolve().parent.parent
OTHER_NUMPY = Path(os.environ.get("D2L_BN_OTHER_NUMPY", ROOT / ".venv" / "other-numpy"))
SETTINGS = (*speed.SETTINGS, "D2L_BN_TUNE")
SITE = sysconfig.get_path("purelib")


@pytest.fixture(scope="session")
def other_numpy():
    """The folder with the NumPy whose major version is not the installed one's."""
    if not (OTHER_NUMPY / "numpy").is_dir():
        pytest.fail(f"there is no other NumPy in {OTHER_NUMPY}: run make test, "
                    "which puts it there", pytrace=False)
    return OTHER_NUMPY


@pytest.fixture(params=["installed", "other"])
def numpy_path(request):
    """What to put on PYTHONPATH for each NumPy in turn."""
    if request.param == "installed":
        return []
    return [request.getfixturevalue("other_numpy")]


@pytest.fixture
def python(tmp_path):
    """A function that runs Python code elsewhere, with none of our settings made."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def run(code, path=(), options=(), timeout=120, **environment):
        kept = {name: value for name, value in os.environ.items()
                if name not in SETTINGS and not name.startswith("PYTHON")}
        paths = os.pathsep.join(str(part) for part in (*path, ROOT))
        process = subprocess.Popen(
            [sys.executable, *options, "-c", textwrap.dedent(code)], cwd=elsewhere,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,  # so that its children can be ended with it
            env={**kept, "MPLBACKEND": "Agg", "PYTHONPATH": paths, **environment})
        try:
            printed = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            pytest.fail(f"no end after {timeout} s", pytrace=False)
        return subprocess.CompletedProcess(process.args, process.returncode, *printed)

    return run


def output(done):
    """What a process printed, if it ended well."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def last_line(done):
    """The error that ended a process."""
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr.strip().splitlines()[-1]


@pytest.fixture
def stub(tmp_path):
    """A function that makes a folder with a module mxnet of the code given."""
    def make(code):
        package = tmp_path / "stub" / "mxnet"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(textwrap.dedent(code))
        return [package.parent]

    return make


# What works afterwards ---------------------------------------------------------------

def test_other_numpy_has_the_other_major_version(python, other_numpy):
    other = output(python("import numpy; print(numpy.__version__)", [other_numpy]))
    assert other.startswith("2.") and other != numpy.__version__
    # Python 3.13 has no NumPy 1.
    assert numpy.__version__.startswith("1." if sys.version_info < (3, 13) else "2.")


def test_mxnet_and_d2lzh_import_and_a_net_trains_and_is_kept(python, numpy_path):
    printed = output(python("""
        import numpy
        import d2l_bn, mxnet, d2lzh
        from mxnet import autograd, gluon, nd
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
        print(numpy.__version__)
        """, numpy_path))
    same = printed.splitlines()[-1] == numpy.__version__
    assert same == (not numpy_path)


def test_d2lzh_draws_picks_a_device_and_trains(python, numpy_path):
    printed = output(python("""
        import d2l_bn, d2lzh
        from matplotlib import pyplot
        from mxnet import gluon, init, nd
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
        """, numpy_path))
    assert "epoch 1, loss" in printed


def test_numpy_is_left_as_it_was(python, numpy_path):
    output(python("""
        import types, numpy
        def names():
            return {name: id(value) for name, value in vars(numpy).items()
                    if not isinstance(value, types.ModuleType)}
        def asked(name):
            try:
                return id(getattr(numpy, name))
            except Exception as err:
                return type(err), str(err)
        gone = ["bool", "PZERO", "NINF", "NaN", "alltrue", "msort", "in1d", "trapz",
                "pmt", "no_such_name"]
        names_before, asked_before = names(), list(map(asked, gone))
        import d2l_bn
        differ = dict(names().items() ^ names_before.items())
        assert not differ, differ
        assert "__getattr__" in names_before
        assert list(map(asked, gone)) == asked_before
        if numpy.__version__.startswith("1."):
            assert asked("bool")[0] is AttributeError
        assert numpy.testing and numpy.random  # loaded lazily still
        """, numpy_path, ["-W", "ignore"]))


def test_numpy_is_left_as_it_was_when_the_import_fails(python, stub):
    output(python("""
        import numpy
        before = vars(numpy)["__getattr__"]
        try:
            import d2l_bn
        except OSError:
            assert vars(numpy)["__getattr__"] is before
        else:
            raise SystemExit("imported")
        """, stub("raise OSError('disk')")))


def test_removed_names_are_supplied_while_mxnet_is_imported(python, stub, numpy_path):
    names = ("bool PZERO NZERO NINF PINF NAN NaN Inf alltrue sometrue product round_ "
             "msort in1d trapz mirr npv pmt ppmt pv rate")
    assert output(python("""
        try:
            import d2l_bn
        except SystemExit:
            pass
        """, [*stub(f"""
        import numpy
        names = {names.split()}
        for name in names:  # as if this NumPy had removed them all
            vars(numpy).pop(name, None)
        missing = [name for name in names if not hasattr(numpy, name)]
        assert not missing, missing
        two = numpy.array([[2, 0], [1, 2]])
        assert numpy.msort(two).tolist() == [[1, 0], [2, 2]]
        assert numpy.in1d([1, 2], [2]).tolist() == [False, True]
        assert (numpy.alltrue(two), numpy.sometrue(two)) == (False, True)
        assert (numpy.product(two + 1), numpy.round_(1.6)) == (18, 2)
        assert -numpy.NINF == numpy.PINF == numpy.Inf == float("inf")
        assert numpy.PZERO == numpy.NZERO == 0 and numpy.bool is bool
        assert numpy.NaN != numpy.NaN and numpy.NAN != numpy.NAN
        try:
            numpy.no_such_name
        except AttributeError as err:
            assert "no_such_name" in str(err)
        else:
            raise RuntimeError("no_such_name was supplied")
        print("all there")
        raise SystemExit
        """), *numpy_path], ["-W", "ignore"])) == "all there"


def test_import_prints_nothing(python, numpy_path):
    done = python("import d2l_bn", numpy_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_import_gives_no_warnings_of_mxnet_to_those_who_ask_for_all(python, numpy_path):
    assert output(python("""
        import warnings
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            import d2l_bn
        print(*[warning.message for warning in caught
                if "mxnet" in warning.filename or "d2l" in warning.filename])
        """, numpy_path)) == ""


def test_stderr_works_after_the_import(python):
    done = python("""
        import os, sys
        import d2l_bn
        print("from Python", file=sys.stderr, flush=True)
        os.system("echo from a child >&2")
        """)
    assert done.stderr == "from Python\nfrom a child\n"


def test_import_works_without_stderr(python):
    done = python("""
        import os, sys
        os.close(2)  # as a service may be started
        code = "import d2l_bn; print('imported')"
        os.execv(sys.executable, [sys.executable, "-c", code])
        """)
    assert output(done) == "imported"


MXNET_FIRST = """
    try:
        import mxnet
    except AttributeError:
        pass
    else:
        raise SystemExit("mxnet imports by itself: nothing to repair")
    import d2l_bn
    import mxnet, d2lzh
    """


def test_import_repairs_an_import_of_mxnet_that_failed(python, numpy_path):
    printed = output(python(textwrap.dedent(MXNET_FIRST) + textwrap.dedent("""
        from mxnet import nd
        net = d2l_bn.lenet(d2l_bn.BatchNorm)
        net.initialize()
        batches = [(nd.random.uniform(shape=(8, 1, 28, 28)), nd.arange(8))]
        d2l_bn.train(net, batches, batches, 1, .1)
        """), numpy_path))
    assert printed.startswith("epoch 1, loss")


def test_repaired_mxnet_has_all_its_modules(python):
    show = "\nprint(*sorted(name for name in dir(mxnet) if name[0] != '_'))"
    whole = output(python("import d2l_bn, mxnet, d2lzh" + show)).split()
    assert {"autograd", "context", "gluon", "nd", "util"} <= set(whole)
    repaired = output(python(textwrap.dedent(MXNET_FIRST) + show)).split()
    assert sorted(set(whole) - set(repaired)) == []


def test_import_after_a_working_mxnet_keeps_that_mxnet(python):
    assert output(python("""
        import numpy
        numpy.bool = bool  # what people write on NumPy 1.24 to 1.26
        if numpy.__version__.startswith("2."):
            import d2l_bn
        import mxnet
        import d2l_bn
        assert d2l_bn.compat.import_mxnet() is mxnet
        print(vars(numpy)["bool"] is bool)
        """)) == "True"


# What is said when it cannot work ----------------------------------------------------

BLOCKED = """
    import importlib.abc, sys
    class Blocked(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] in {names}:
                raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
    sys.meta_path.insert(0, Blocked())
    import d2l_bn
    """


def test_absent_mxnet_is_reported_with_what_to_install(python):
    error = last_line(python(BLOCKED.format(names=["mxnet"])))
    assert error.startswith("ImportError: MXNet is not installed")
    assert "pip install mxnet==1.9.1 d2lzh==1.0.0" in error


def test_module_that_mxnet_misses_is_reported_unchanged(python, stub):
    error = last_line(python("import d2l_bn", stub("import no_such_module")))
    assert error == "ModuleNotFoundError: No module named 'no_such_module'"


@pytest.mark.parametrize("library", [
    "libcuda.so.1", "libcudart.so.11.0", "libcublas.so.11", "libcudnn.so.8",
    "libnccl.so.2", "libnvrtc.so.11.2", "libcufft.so.10", "libnvToolsExt.so.1"])
def test_gpu_build_without_nvidias_libraries_is_reported(python, stub, library):
    what = f"{library}: cannot open shared object file: No such file or directory"
    error = last_line(python("import d2l_bn", stub(f"raise OSError({what!r})")))
    assert error.startswith("ImportError: ")
    for words in ("GPU build", library, "CPU build", "pip uninstall mxnet-cu117",
                  "pip install mxnet==1.9.1"):
        assert words in error


def test_missing_libgomp_is_reported_with_what_to_install(python, stub):
    what = "libgomp.so.1: cannot open shared object file: No such file or directory"
    error = last_line(python("import d2l_bn", stub(f"raise OSError({what!r})")))
    assert error.startswith("ImportError: ")
    assert "libgomp1" in error and "apt install" in error and "GPU" not in error


def test_other_failures_of_the_import_pass_through_unchanged(python, stub):
    error = last_line(python("import d2l_bn", stub("raise OSError(5, 'disk on fire')")))
    assert error == "OSError: [Errno 5] disk on fire"


@pytest.mark.parametrize("names", [["setuptools"], ["setuptools", "distutils"]])
def test_missing_setuptools_is_reported_where_python_has_no_distutils(python, names):
    if sys.version_info >= (3, 12):
        error = last_line(python(BLOCKED.format(names=names)))
        assert error.startswith("ImportError: ")
        assert "distutils" in error and "pip install setuptools" in error
    else:
        output(python(BLOCKED.format(names=names[:1])))


def test_distutils_comes_from_setuptools_without_its_startup_hook(python):
    assert output(python("""
        import sys
        assert "_distutils_hack" not in sys.modules
        import d2l_bn
        print("imported")
        """, [SITE], ["-S"])) == "imported"


# The environment --------------------------------------------------------------------

def test_import_sets_nothing_in_the_environment(python):
    assert output(python("""
        import os
        before = dict(os.environ)
        import d2l_bn
        print({name for name in {*before, *os.environ}
               if before.get(name) != os.environ.get(name)})
        """)) in ("set()", "{'KMP_DUPLICATE_LIB_OK'}")


def test_data_loader_with_workers_does_not_hang(python):
    assert output(python("""
        import numpy
        import d2l_bn
        from mxnet import gluon, nd
        from mxnet.gluon.data.vision import transforms
        nd.dot(nd.ones((500, 500)), nd.ones((500, 500))).wait_to_read()
        images = nd.ones((64, 28, 28, 1), dtype="uint8") * 51
        pairs = gluon.data.ArrayDataset(images, numpy.arange(64))
        pairs = pairs.transform_first(transforms.ToTensor())
        batches = list(gluon.data.DataLoader(pairs, 16, num_workers=2))
        assert [y.asnumpy().tolist() for _, y in batches] == [
            list(range(i, i + 16)) for i in range(0, 64, 16)]
        assert abs(batches[-1][0].asnumpy() - .2).max() < 1e-6
        print("loaded")
        """, timeout=60)) == "loaded"


# Engine and threads ------------------------------------------------------------------

@pytest.fixture
def two_cores(monkeypatch):
    """A CPU build on two cores, and none of the settings made by the user."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    monkeypatch.setattr(speed.importlib.metadata, "distributions",
                        lambda: [SimpleNamespace(name="mxnet")])
    return monkeypatch


def made():
    """What holds while MXNet loads."""
    before = dict(os.environ)
    with speed.settings():
        inside = {name: os.environ.get(name) for name in speed.SETTINGS}
    assert dict(os.environ) == before
    return inside


def test_settings_hold_while_mxnet_loads_and_no_longer(two_cores):
    assert made() == speed.SETTINGS
    with pytest.raises(OSError), speed.settings():
        raise OSError
    assert not set(speed.SETTINGS) & set(os.environ)


@pytest.mark.parametrize("name", speed.SETTINGS)
def test_what_the_user_has_set_stays(two_cores, name):
    two_cores.setenv(name, "the user's")
    assert made() == {**speed.SETTINGS, name: "the user's"}


def test_settings_can_be_switched_off(two_cores):
    two_cores.setenv("D2L_BN_TUNE", "0")
    assert set(made().values()) == {None}


def test_no_settings_on_one_core(two_cores):
    two_cores.setattr(os, "sched_getaffinity", lambda pid: {3}, raising=False)
    assert set(made().values()) == {None}


@pytest.mark.parametrize("name", speed.GPU_BUILDS)
def test_no_settings_for_a_gpu_build(two_cores, name):
    two_cores.setattr(speed.importlib.metadata, "distributions",
                      lambda: [SimpleNamespace(name="pip"), SimpleNamespace(name=name)])
    assert set(made().values()) == {None}


THREADS = """
    import d2l_bn
    from mxnet.base import _LIB
    print(_LIB.omp_get_max_threads())
    """


def test_mxnet_takes_two_threads_or_the_users_number(python):
    if len(os.sched_getaffinity(0)) > 1:
        assert output(python(THREADS)) == "2"
    assert output(python(THREADS, OMP_NUM_THREADS="3")) == "3"


@pytest.mark.parametrize("engine", ["NaiveEngine", None])
def test_a_python_function_in_the_graph_does_not_hang(python, engine):
    if engine is None and len(os.sched_getaffinity(0)) == 1:
        return  # MXNet's own engine, in which it would
    done = python("""
        import d2l_bn
        from mxnet import autograd, gluon, nd

        class Double(autograd.Function):
            def forward(self, X):
                return 2 * X

            def backward(self, dY):
                return 2 * dY

        net = gluon.nn.Dense(3)
        net.initialize()
        trainer = gluon.Trainer(net.collect_params(), "sgd")
        X = nd.random.normal(shape=(64, 100))
        for _ in range(50):
            with autograd.record():
                Y = Double()(net(X)).square().sum()
            Y.backward()
            trainer.step(64)
        print("done", bool(Y.asscalar() > 0))
        """, timeout=60, **({"MXNET_ENGINE_TYPE": engine} if engine else {}))
    assert output(done) == "done True"


def test_nothing_is_said_on_stderr(python):
    done = python("""
        import d2l_bn
        from mxnet import nd
        import sys
        print(nd.ones(3).sum().asscalar())
        print("heard", file=sys.stderr)
        """)
    assert output(done) == "3.0" and done.stderr == "heard\n"


def test_two_devices_train_side_by_side(python):
    assert output(python("""
        import d2l_bn
        import mxnet as mx
        from mxnet import autograd, gluon, nd

        devices = [mx.cpu(0), mx.cpu(1)]
        net = gluon.nn.Sequential()
        net.add(gluon.nn.Dense(8), d2l_bn.BatchNorm(8), gluon.nn.Dense(2))
        net.initialize(ctx=devices)
        net.hybridize(static_alloc=True, static_shape=True)
        trainer = gluon.Trainer(net.collect_params(), "sgd")
        for _ in range(10):
            parts = gluon.utils.split_and_load(nd.random.normal(shape=(32, 5)), devices)
            with autograd.record():
                losses = [net(X).square().mean() for X in parts]
            autograd.backward(losses)
            trainer.step(1)
        same = net[0].weight.data(devices[0]).asnumpy()
        print((net[0].weight.data(devices[1]).asnumpy() == same).all())
        """, timeout=60)) == "True"


def test_set_matplotlib_formats_is_restored_only_when_missing(monkeypatch):
    from IPython import display
    from matplotlib_inline import backend_inline

    monkeypatch.delattr(display, "set_matplotlib_formats", raising=False)
    compat.restore_set_matplotlib_formats()
    assert display.set_matplotlib_formats is backend_inline.set_matplotlib_formats
    monkeypatch.setattr(display, "set_matplotlib_formats", "IPython's own")
    compat.restore_set_matplotlib_formats()
    assert display.set_matplotlib_formats == "IPython's own"
