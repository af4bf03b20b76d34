"""Batch normalization in MXNet/Gluon: the helper module of the course's notebooks.

Importing it makes `import mxnet` and `import d2lzh` work on current Python, NumPy and
IPython (see `d2l_bn.compat`).
"""
from .compat import import_mxnet, restore_set_matplotlib_formats

import_mxnet()  # before the modules below, which import mxnet themselves
restore_set_matplotlib_formats()

from .data import load_data_fashion_mnist  # noqa: E402
from .models import lenet  # noqa: E402
from .norm import BatchNorm, batch_norm  # noqa: E402
from .plots import draw_statistics, plot_histories, show  # noqa: E402
from .training import History, estimate_statistics, evaluate_accuracy, train  # noqa: E402

__all__ = ["BatchNorm", "History", "batch_norm", "draw_statistics", "estimate_statistics",
           "evaluate_accuracy", "lenet", "load_data_fashion_mnist", "plot_histories",
           "show", "train"]
