# ruff: noqa: E402 - MXNet must be importable before the modules that import it
"""Batch normalization in MXNet/Gluon: the helper module of the course's notebooks.

Importing it makes `import mxnet` and `import d2lzh` work on current Python, NumPy and
IPython (see `d2l_bn.compat`).
"""
from .compat import import_mxnet, restore_set_matplotlib_formats

import_mxnet()
restore_set_matplotlib_formats()

from .data import load_data_fashion_mnist
from .fast_norm import FastBatchNorm
from .lesson_files import place_programs
from .models import built_in, lenet, make_lenet
from .norm import BatchNorm, batch_norm
from .parameters import get_arrays, set_arrays
from .plots import draw_statistics, plot_band, plot_histories, show, style
from .runs import run_in_processes
from .seeding import seed_everything
from .statistics import estimate_statistics
from .training import History, evaluate_accuracy, train

__all__ = ["BatchNorm", "FastBatchNorm", "History", "batch_norm", "built_in",
           "draw_statistics", "estimate_statistics", "evaluate_accuracy", "get_arrays",
           "lenet", "load_data_fashion_mnist", "make_lenet", "place_programs",
           "plot_band", "plot_histories", "run_in_processes", "seed_everything",
           "set_arrays", "show", "style", "train"]
