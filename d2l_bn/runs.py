"""Independent runs, as of several seeds, each in a process of its own."""
import contextlib
import io
import os
import pickle
import signal
import threading
import time
from concurrent.futures import as_completed

import loky
import psutil
from tqdm import tqdm

from .arguments import check_number
from .seeding import seed_everything

MEMORY_OF_A_RUN = 1.5e9  # bytes: LeNet with Fashion-MNIST in memory takes less
WORKERS_ENVIRONMENT = {"TQDM_DISABLE": "1"}  # the bar over the runs is enough


def processes_that_fit():
    """As many as there are cores, but no more than the free memory holds."""
    fit = int(psutil.virtual_memory().available // MEMORY_OF_A_RUN)
    return max(1, min(loky.cpu_count(), fit))


def begin_worker(parent):
    """Leave Ctrl-C to the parent, and end when the parent has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end_with_parent():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def one_run(function, number, arguments):
    """A run's result; its draws are the same whatever its process has done before."""
    seed_everything(number)
    with contextlib.redirect_stdout(io.StringIO()):  # lines of several runs would mix
        return function(**arguments)


def described(function, arguments):
    given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f"{getattr(function, '__name__', function)}({given})"


def run_in_processes(function, arguments, num_workers=None):
    """Call function(**arguments[i]) for each i, in processes; return the results.

    function: may be of a notebook, and is sent along with what it refers to; it gives
    back what can be pickled. What it prints is not shown.
    arguments: a list of dicts, the keyword arguments of each run.
    num_workers: how many runs go on at once; None: one a core, fewer if memory is
    short.
    A result does not depend on num_workers: each run computes in one thread and starts
    with `seed_everything` of its place in the list.
    The first run that fails ends the others: RuntimeError names its arguments, and has
    what was finished in its attribute results (None: not finished). So does Ctrl-C.
    """
    if not callable(function):
        raise TypeError(f"function must be callable, got {function!r}")
    arguments = list(arguments)
    for one in arguments:
        if not isinstance(one, dict):
            raise TypeError("arguments must be dicts, the keyword arguments of each "
                            f"run, got {one!r}")
    if num_workers is not None:
        check_number("num_workers", num_workers, 1, whole=True)
    workers = min(int(num_workers or processes_that_fit()), max(1, len(arguments)))
    results = [None] * len(arguments)
    executor = loky.ProcessPoolExecutor(
        workers, initializer=begin_worker, initargs=(os.getpid(),),
        env=WORKERS_ENVIRONMENT)
    try:
        futures = {executor.submit(one_run, function, number, one): number
                   for number, one in enumerate(arguments)}
        for future in tqdm(as_completed(futures), "runs", len(futures), leave=False):
            number = futures[future]
            try:
                results[number] = future.result()
            except Exception as err:
                hint = (" Make nets and compiled losses inside the function."
                        if isinstance(err, pickle.PicklingError) else "")
                raise RuntimeError(f"{described(function, arguments[number])} failed: "
                                   f"{type(err).__name__}: {err}{hint}") from err
    except BaseException as err:
        executor.shutdown(wait=True, kill_workers=True)
        err.results = results
        raise
    executor.shutdown(wait=True)
    return results
