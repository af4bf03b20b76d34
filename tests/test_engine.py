"""How MXNet uses the processor after `import d2l_bn`: engine, threads, forks."""
import os
import subprocess
import sys
import textwrap

from d2l_bn import compat

import pytest
from fresh_python import ROOT, SETTINGS, output


@pytest.fixture
def none_made(monkeypatch):
    """None of the settings made by the user."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def made(gpu=False):
    """What holds while MXNet loads."""
    before = dict(os.environ)
    with compat.settings(gpu):
        inside = {name: os.environ.get(name) for name in compat.SETTINGS}
    assert dict(os.environ) == before
    return inside


def test_settings_hold_while_mxnet_loads_and_no_longer(none_made):
    assert made() == {"MXNET_ENGINE_TYPE": "NaiveEngine", "OMP_NUM_THREADS": "1"}
    with pytest.raises(OSError), compat.settings():
        raise OSError
    assert not set(compat.SETTINGS) & set(os.environ)


@pytest.mark.parametrize("name", compat.SETTINGS)
def test_what_the_user_has_set_stays(none_made, name):
    none_made.setenv(name, "the user's")
    assert made() == {**compat.SETTINGS, name: "the user's"}


def test_settings_can_be_switched_off(none_made):
    none_made.setenv("D2L_BN_TUNE", "0")
    assert set(made().values()) == {None}


@pytest.mark.parametrize("cores", [{0}, {0, 1}, set(range(64))])
def test_settings_are_the_same_on_any_number_of_cores(none_made, cores):
    none_made.setattr(os, "sched_getaffinity", lambda pid: cores, raising=False)
    assert made() == compat.SETTINGS


def test_no_settings_where_a_gpu_is_used(none_made):
    assert set(made(gpu=True).values()) == {None}


THREADS = """
    import d2l_bn
    from mxnet.base import _LIB
    print(_LIB.omp_get_max_threads())
    """


def test_mxnet_takes_the_users_number_of_threads(python):
    assert output(python(THREADS, OMP_NUM_THREADS="3")) == "3"


def test_mxnet_takes_one_thread_after_another_package_loaded_openmp(python):
    code = textwrap.dedent("""
        import ctypes, os
        openmp = ctypes.CDLL("libgomp.so.1")
        openmp.omp_set_num_threads(4)  # as it has it on a machine with four cores
        """) + textwrap.dedent(THREADS)
    assert output(python(code)) == "1"
    assert output(python(code, OMP_NUM_THREADS="4")) == "4"


def test_one_thread_is_taken_and_nothing_hangs_nor_changes_figures(python):
    """In one process, as each begins with the imports; each part prints a line."""
    printed = output(python("""
        import os
        before = dict(os.environ)
        import multiprocessing
        import numpy
        import d2l_bn
        import mxnet as mx
        from mxnet import autograd, gluon, init, nd
        from mxnet.gluon.data.vision import transforms

        changed = {name for name in {*before, *os.environ}
                   if before.get(name) != os.environ.get(name)}
        print("environment", changed <= {"KMP_DUPLICATE_LIB_OK"}, flush=True)
        print("threads", mx.base._LIB.omp_get_max_threads(), flush=True)

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
        print("function in the graph", bool(Y.asscalar() > 0), flush=True)

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
        one, other = (net[0].weight.data(device).asnumpy() for device in devices)
        print("two devices", (one == other).all(), flush=True)

        images = nd.ones((64, 28, 28, 1), dtype="uint8") * 51
        pairs = gluon.data.ArrayDataset(images, numpy.arange(64))
        pairs = pairs.transform_first(transforms.ToTensor())
        loaded = list(gluon.data.DataLoader(pairs, 16, num_workers=2))
        assert [y.asnumpy().tolist() for _, y in loaded] == [
            list(range(i, i + 16)) for i in range(0, 64, 16)]
        print("loader", abs(loaded[-1][0].asnumpy() - .2).max() < 1e-6, flush=True)

        batches = [(nd.random.uniform(shape=(16, 1, 28, 28)), nd.arange(16) % 10)]

        def train(seed):
            mx.random.seed(seed)
            net = d2l_bn.lenet(d2l_bn.BatchNorm)
            net.initialize(init.Xavier())
            return d2l_bn.train(net, batches, batches, 1, .1).loss

        here = [train(seed) for seed in range(3)]
        for _ in range(3):
            with multiprocessing.get_context("fork").Pool(2) as pool:
                assert pool.map(train, range(3)) == here
        print("fork after training", True)
        """))
    assert [line for line in printed.splitlines() if not line.startswith("epoch")] == [
        "environment True", "threads 1", "function in the graph True",
        "two devices True", "loader True", "fork after training True"]


@pytest.mark.parametrize("closed", ["2>&-", "2>&- >&-", "<&- >&- 2>&-"])
def test_training_ends_well_without_stderr(tmp_path, closed):
    script = tmp_path / "train.py"
    script.write_text(textwrap.dedent("""
        import d2l_bn, d2lzh
        from mxnet import nd
        from mxnet.gluon import nn

        net, data = nn.Dense(3), [(nd.ones((4, 2)), nd.zeros(4))]
        net.initialize()
        file = open("kept", "w")  # must not get the number 2
        history = d2l_bn.train(net, data, data, 1, .1)
        print(len(history.loss), file=file)
        """))
    done = subprocess.run(f"{sys.executable} {script} {closed}", shell=True,
                          cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0
    assert (tmp_path / "kept").read_text() == "1\n"


def test_data_loaders_fork_unless_the_user_says_otherwise(python):
    assert output(python("""
        import multiprocessing
        # As on Python 3.14, whatever this Python is.
        default = multiprocessing.context._default_context
        default._default_context = multiprocessing.get_context("forkserver")
        import d2l_bn
        from mxnet.gluon.data import dataloader
        used = dataloader.multiprocessing
        pool = used.Pool(1)
        print(used.get_context().get_start_method(), pool._ctx.get_start_method())
        pool.terminate()
        multiprocessing.set_start_method("spawn")
        print(used.get_context().get_start_method(), used.queues is not None)
        """)).split() == ["fork", "fork", "spawn", "True"]
