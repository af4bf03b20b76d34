"""Imported before every test module: makes MXNet importable."""
import os
import signal

import d2l_bn  # noqa: F401

from fashion_files import alone, apt, mirror, open_folder  # noqa: F401
from fresh_python import numpy_path, other_numpy, python, stub  # noqa: F401
from made_up_cuda import gpu_machine, made_up_cuda  # noqa: F401

collect_ignore = ["browser"]  # `make browser` runs it, in an environment of its own
# `make test` runs tests that run make: they are no part of its run.
for variable in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
    os.environ.pop(variable, None)
# A program started in the background ignores Ctrl-C, and so would those it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers():
    """For --numprocesses auto: a process a core, but two at most.

    Each trains and holds data; lessons start processes of their own.
    """
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0, 1}
    return min(2, len(cores))
