"""run_in_processes: numbers whatever the number of workers, and nothing left."""
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from d2l_bn import (
    BatchNorm,
    FastBatchNorm,
    History,
    run_in_processes,
    runs,
    seed_everything,
    train,
)

import mxnet as mx
import numpy as np
import psutil
import pytest
from mxnet import gluon, nd
from mxnet.gluon import nn
from small_nets import batches, ready, values

ROOT = Path(__file__).resolve().parent.parent


def one_training(norm, seed, hybrid=True):
    """A small training that seeds itself: its History and what it ended with."""
    seed_everything(seed)
    net = ready(nn.Dense(40), norm(40), nn.Dropout(.2), nn.Dense(3))
    if hybrid:
        net.hybridize(static_alloc=True, static_shape=True)
    data = batches(64, 64, 20, seed=seed)
    history = train(net, data, data, 3, .5)
    return history, list(values(net).values())


def draws():
    """Draws without a seed of their own, from all generators."""
    return [random.random(), np.random.rand(), nd.random.uniform().asscalar(),
            nd.random.uniform(ctx=mx.cpu(1)).asscalar()]


def one_run(norm, seed, mine=None, other=None):
    """All that the tests ask of a run, as each begins with imports.

    It ends once the file `other` is there, and then makes the file `mine`.
    """
    result = {"draws": draws(), "training": one_training(norm, seed),
              "process": os.getpid(), "tqdm": os.environ["TQDM_DISABLE"],
              "threads": mx.base._LIB.omp_get_max_threads()}
    while other and not os.path.exists(other):
        time.sleep(.05)
    if mine:
        open(mine, "w").close()
    return result


ARGUMENTS = [{"norm": norm, "seed": seed} for norm in (FastBatchNorm, BatchNorm)
             for seed in (0, 1)]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Number of workers -> the results. With three the first run ends last."""
    file = str(tmp_path_factory.mktemp("runs") / "fourth")
    first, *middle, last = ARGUMENTS
    results = {1: run_in_processes(one_run, ARGUMENTS, 1), 3: run_in_processes(
        one_run, [{**first, "other": file}, *middle, {**last, "mine": file}], 3)}
    assert not left()
    return results


def test_numbers_do_not_depend_on_the_number_of_workers(found):
    first = [run["training"] for run in found[1]]
    others = [[run["training"] for run in found[3]],
              [one_training(**one) for one in ARGUMENTS]]  # and here, in turn
    for results in (first, *others):
        assert [type(history) for history, _ in results] == [History] * 4
        for (history, ends), (expected, expected_ends) in zip(results, first,
                                                              strict=True):
            assert history.loss == expected.loss
            assert history.test_acc == expected.test_acc
            assert all((a == b).all() for a, b in zip(ends, expected_ends, strict=True))
    # The two layers round alike, so that their losses may be the same; seeds differ.
    assert first[0][0].loss != first[1][0].loss


def test_results_stand_in_their_place_and_begin_with_its_seed(found):
    expected = []
    for place in range(4):
        seed_everything(place)
        expected.append(draws())
    assert len(set(map(tuple, expected))) == 4
    for results in found.values():
        assert [run["draws"] for run in results] == expected


@pytest.mark.skipif("D2L_BN_TUNE" in os.environ, reason="leaves all to MXNet")
def test_each_worker_is_a_fresh_process_with_one_thread(found):
    for number, results in found.items():
        assert {run["threads"] for run in results} == {1}
        assert {run["tqdm"] for run in results} == {"1"}
        processes = {run["process"] for run in results}
        assert os.getpid() not in processes and len(processes) <= number


def fails_in_the_second(number):
    print("this is not shown")
    if number == 2:
        raise ValueError("two is not liked")
    return number


def test_a_failing_run_names_its_arguments_and_keeps_the_others(capfd):
    with pytest.raises(RuntimeError) as caught:
        run_in_processes(fails_in_the_second, [{"number": i} for i in (1, 2, 3)], 1)
    assert str(caught.value) == ("fails_in_the_second(number=2) failed: ValueError: "
                                 "two is not liked")
    assert caught.value.results == [1, None, None]
    assert "not shown" not in capfd.readouterr().out
    assert not left()


def test_what_cannot_be_sent_is_named_with_a_hint():
    loss = gluon.loss.L2Loss()
    loss.hybridize()
    loss(nd.ones(2), nd.ones(2))
    with pytest.raises(RuntimeError, match="Make nets and compiled losses inside"):
        run_in_processes(lambda number: loss, [{"number": 1}])


def dies(number):
    os._exit(3)


def test_a_run_that_dies_is_named():
    with pytest.raises(RuntimeError, match=r"^dies\(number=5\) failed"):
        run_in_processes(dies, [{"number": 5}])
    assert not left()


def left(process=None):
    """The workers that process, this one by default, still has."""
    return [child for child in (process or psutil.Process()).children(recursive=True)
            if "resource_tracker" not in " ".join(child.cmdline())]


def test_no_runs_give_no_results():
    assert run_in_processes(draws, []) == []


@pytest.mark.parametrize("arguments, error, said", [
    ({"function": 5}, TypeError, "function must"),
    ({"arguments": [1]}, TypeError, "arguments must be dicts"),
    ({"arguments": [("a", 1)]}, TypeError, "arguments must be dicts"),
    ({"num_workers": 0}, ValueError, "num_workers must"),
    ({"num_workers": 1.5}, TypeError, "num_workers must"),
])
def test_bad_arguments_are_refused_by_name(arguments, error, said):
    with pytest.raises(error, match=f"^{said}"):
        run_in_processes(**{"function": draws, "arguments": [{}], **arguments})


@pytest.mark.parametrize("cores, free, expected", [
    (8, 64e9, 8), (8, 4e9, 2), (2, 64e9, 2), (2, 1e8, 1)])
def test_there_are_fewer_workers_where_memory_is_short(monkeypatch, cores, free,
                                                       expected):
    monkeypatch.setattr(runs.loky, "cpu_count", lambda: cores)
    memory = psutil.virtual_memory()._replace(available=int(free))
    monkeypatch.setattr(runs.psutil, "virtual_memory", lambda: memory)
    assert runs.processes_that_fit() == expected


NOTEBOOK = """
    import d2l_bn
    from mxnet import gluon, nd
    import os, time

    scale = nd.array([3.])

    def helper(x):
        return float((scale * x).asscalar())

    def run(x):
        open(f"begun-{os.getpid()}", "w").close()
        time.sleep(x if x > 10 else 0)
        return helper(x)

    arguments = [{"x": x} for x in VALUES]
    print(d2l_bn.run_in_processes(run, arguments, WORKERS), flush=True)
    """


def start(values, workers, folder, **environment):
    """A program whose function lives in its own main module, as a notebook's does."""
    code = textwrap.dedent(NOTEBOOK.replace("VALUES", str(values))
                           .replace("WORKERS", str(workers)))
    return subprocess.Popen([sys.executable, "-c", code], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, "PYTHONPATH": str(ROOT), **environment})


def test_a_notebooks_function_goes_with_what_it_refers_to(tmp_path):
    printed, error = start([1, 2], 1, tmp_path, TQDM_DISABLE="").communicate()
    assert printed == "[3.0, 6.0]\n", error
    assert "leaked" not in error and "runs:" in error


def ended(process_ids):
    """Whether all end; a guard against a hang, not a limit, is an hour."""
    until = time.monotonic() + 3600
    while any(psutil.pid_exists(number) for number in process_ids):
        assert time.monotonic() < until
        time.sleep(.1)
    return True


@pytest.mark.parametrize("how, workers", [(signal.SIGINT, 2), (signal.SIGKILL, 2),
                                          (signal.SIGTERM, 1)])
def test_nothing_is_left_after_an_interrupt_or_a_kill(tmp_path, how, workers):
    process = start([1000, 1001], workers, tmp_path, TQDM_DISABLE="1")
    while len(files := list(tmp_path.glob("begun-*"))) < workers:
        assert process.poll() is None, "ended early"
        time.sleep(.1)
    begun = [int(path.name.split("-")[1]) for path in files]
    workers = left(psutil.Process(process.pid))
    process.send_signal(how)
    _, error = process.communicate()
    assert process.returncode != 0
    if how == signal.SIGINT:
        assert "KeyboardInterrupt" in error
    assert ended([*begun, *[worker.pid for worker in workers]])
