"""Makes MXNet 1.9.1 importable on the Python, NumPy and IPython of today.

MXNet's last release names things that NumPy and Python have since removed. They are
supplied while `import mxnet` runs and taken away afterwards, so that NumPy is left as it
was found. `tune_engine` says which settings are made for speed and how to switch them off.
"""
import contextlib
import ctypes
import importlib
import importlib.metadata
import os
import sys
import warnings

import numpy

_INSTALL = ("pip install mxnet==1.9.1 d2lzh==1.0.0  (on Python 3.13: "
            "pip install --no-deps mxnet==1.9.1 d2lzh==1.0.0). There are wheels for "
            "Linux x86-64 and Intel macOS; elsewhere use a Linux x86-64 container.")


def _financial(*args, **kwargs):
    """Stands for NumPy's financial functions, which MXNet lists and never calls."""
    raise NotImplementedError("NumPy removed its financial functions in 1.20")


def _successors():
    """What each name that MXNet asks NumPy for is called, or equal to, today."""
    return {
        "bool": bool, "PZERO": 0.0, "NZERO": -0.0,
        "PINF": numpy.inf, "Inf": numpy.inf, "NINF": -numpy.inf,
        "NAN": numpy.nan, "NaN": numpy.nan,
        "alltrue": numpy.all, "sometrue": numpy.any, "product": numpy.prod,
        "round_": numpy.round, "msort": lambda a: numpy.sort(a, axis=0),
        "in1d": numpy.isin, "trapz": getattr(numpy, "trapezoid", None),
        **dict.fromkeys(("mirr", "npv", "pmt", "ppmt", "pv", "rate"), _financial),
    }


@contextlib.contextmanager
def _removed_numpy_names():
    """Supply the removed names for the length of a `with` block."""
    names, found = _successors(), vars(numpy).get("__getattr__")

    def supply(name):
        if name in names:
            return names[name]
        if found is None:
            raise AttributeError(f"module 'numpy' has no attribute {name!r}")
        return found(name)  # NumPy's own, which loads numpy.random and others lazily

    numpy.__getattr__ = supply
    try:
        yield
    finally:
        if found is None:
            del numpy.__getattr__
        else:
            numpy.__getattr__ = found


def _require_distutils():
    """Python 3.12 removed distutils, which MXNet needs; setuptools brings a copy."""
    try:
        importlib.import_module("distutils.version")
    except ModuleNotFoundError:
        try:
            importlib.import_module("setuptools")
            importlib.import_module("distutils.version")
        except ModuleNotFoundError as err:
            raise ImportError("MXNet needs the module distutils, which Python 3.12 removed "
                              "and setuptools supplies: pip install setuptools") from err


def tune_engine():
    """Settings that MXNet reads when it is imported; on CPU builds alone, and only those
    the user has not made. D2L_BN_NO_TUNING=1 in the environment switches them off.

    - MXNET_ENGINE_TYPE=NaiveEngine: each operator runs at once, in the calling thread. The
      default engine's worker threads and OpenMP's compete for the same few cores.
    - OMP_NUM_THREADS: as many threads as this process has cores, at most 8, for each
      operator. Left alone MXNet takes half of them.
    """
    environment = os.environ
    if environment.get("D2L_BN_NO_TUNING") or "MXNET_ENGINE_TYPE" in environment:
        return
    try:
        importlib.metadata.version("mxnet")  # GPU builds have other names: mxnet-cu117
        cores = len(os.sched_getaffinity(0))
    except (importlib.metadata.PackageNotFoundError, AttributeError):  # no Linux
        return
    environment["MXNET_ENGINE_TYPE"] = "NaiveEngine"
    environment.setdefault("OMP_NUM_THREADS", str(min(cores, 8)))
    # A process forked from this one (a DataLoader's worker) has none of this one's OpenMP
    # threads and would wait for them for ever: let it compute with its single thread.
    openmp = ctypes.CDLL("libgomp.so.1")
    os.register_at_fork(after_in_child=lambda: openmp.omp_set_num_threads(1))


@contextlib.contextmanager
def _silent_stderr():
    """Drop what the engine's start prints from C++: a line with the time of day."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def import_mxnet():
    """Import MXNet and return it.

    Raises ImportError, in plain words and with what to install, when MXNet is absent or
    is a GPU build on a machine without an NVIDIA driver.
    """
    if "mxnet" in sys.modules:
        return sys.modules["mxnet"]
    with warnings.catch_warnings(), _removed_numpy_names():
        warnings.simplefilter("ignore")  # of names deprecated but still there
        try:
            _require_distutils()
            tune_engine()
            with _silent_stderr():
                mxnet = importlib.import_module("mxnet")
                mxnet.nd.waitall()  # starts the engine
            return mxnet
        except ModuleNotFoundError as err:
            if err.name != "mxnet":
                raise
            raise ImportError(f"MXNet is not installed. Install it with: {_INSTALL}") from err
        except OSError as err:
            if "libgomp" in str(err):
                raise ImportError("MXNet needs the OpenMP library libgomp.so.1: "
                                  "sudo apt install libgomp1") from err
            if "libcu" not in str(err) and "libnv" not in str(err):
                raise
            raise ImportError(
                f"This MXNet is a GPU build and a library of NVIDIA's is missing ({err}). "
                "On a machine without a GPU, replace it by the CPU build: "
                f"pip uninstall mxnet-cu117 mxnet-cu112, then {_INSTALL} With a GPU, "
                "install NVIDIA's driver and the CUDA 11 packages (see README).") from err


def restore_set_matplotlib_formats():
    """Give IPython.display back the function IPython 9 removed and d2lzh calls."""
    display = importlib.import_module("IPython.display")
    if not hasattr(display, "set_matplotlib_formats"):
        backend = importlib.import_module("matplotlib_inline.backend_inline")
        display.set_matplotlib_formats = backend.set_matplotlib_formats
