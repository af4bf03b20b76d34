"""Makes MXNet 1.9.1 importable on the Python, NumPy and IPython of today.

MXNet names things that NumPy has since removed. They are supplied while `import mxnet`
runs and taken away afterwards: NumPy is left as it was found.
"""
import contextlib
import importlib
import sys
import warnings

import numpy

from .speed import settings, start_engine

_INSTALL = ("pip install mxnet==1.9.1 d2lzh==1.0.0  (on Python 3.13: "
            "pip install --no-deps mxnet==1.9.1 d2lzh==1.0.0). There are wheels for "
            "Linux x86-64 and Intel macOS; elsewhere use a Linux x86-64 container.")


@contextlib.contextmanager
def _removed_numpy_names():
    """Supply the names that MXNet asks NumPy for, for the length of a `with` block."""
    names = {
        "bool": bool, "PZERO": 0.0, "NZERO": -0.0,
        "PINF": numpy.inf, "Inf": numpy.inf, "NINF": -numpy.inf,
        "NAN": numpy.nan, "NaN": numpy.nan,
        "alltrue": numpy.all, "sometrue": numpy.any, "product": numpy.prod,
        "round_": numpy.round, "msort": lambda a: numpy.sort(a, axis=0),
        "in1d": numpy.isin, "trapz": getattr(numpy, "trapezoid", None),
        # Financial functions, gone since NumPy 1.20, which nothing calls.
        **dict.fromkeys(("mirr", "npv", "pmt", "ppmt", "pv", "rate")),
    }
    found = numpy.__getattr__  # NumPy's own: loads numpy.random and others lazily
    numpy.__getattr__ = lambda name: names[name] if name in names else found(name)
    try:
        yield
    finally:
        numpy.__getattr__ = found


def _advice(err):
    """What to install, in plain words, after `import mxnet` failed; None if unknown."""
    if isinstance(err, ModuleNotFoundError):
        return {
            "mxnet": f"MXNet is not installed. Install it with: {_INSTALL}",
            "setuptools": "MXNet needs distutils, which Python 3.12 removed and "
                          "setuptools supplies: pip install setuptools",
        }.get(err.name)
    if "libgomp" in str(err):
        return "MXNet needs the OpenMP library libgomp.so.1: sudo apt install libgomp1"
    if any(library in str(err) for library in ("libcu", "libnv", "libnccl")):
        return (f"This MXNet is a GPU build and lacks a library of NVIDIA's: {err}. "
                "On a machine without a GPU replace it by the CPU build: pip uninstall "
                f"mxnet-cu117 mxnet-cu112, then {_INSTALL} With a GPU install NVIDIA's "
                "driver and the CUDA 11 packages (see README).")
    return None


def import_mxnet():
    """Import MXNet and return it; an ImportError says what to install."""
    if "mxnet" in sys.modules:
        return sys.modules["mxnet"]
    for name in [name for name in sys.modules if name.startswith("mxnet.")]:
        del sys.modules[name]  # left behind by an import that failed
    with warnings.catch_warnings(), _removed_numpy_names(), settings():
        warnings.simplefilter("ignore")  # of names deprecated but still there
        try:
            if sys.version_info >= (3, 12):
                importlib.import_module("setuptools")  # brings distutils
            mxnet = importlib.import_module("mxnet")
            start_engine(mxnet)
            return mxnet
        except (ModuleNotFoundError, OSError) as err:
            if advice := _advice(err):
                raise ImportError(advice) from err
            raise


def restore_set_matplotlib_formats():
    """Give IPython.display back the function IPython 9 removed and d2lzh calls."""
    display = importlib.import_module("IPython.display")
    if not hasattr(display, "set_matplotlib_formats"):
        backend = importlib.import_module("matplotlib_inline.backend_inline")
        display.set_matplotlib_formats = backend.set_matplotlib_formats
