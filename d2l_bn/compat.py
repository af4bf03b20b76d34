"""Makes MXNet 1.9.1 importable on the Python, NumPy and IPython of today, and mended.

While MXNet loads, and no GPU will be used, it is told to run each operator where it is
called (NaiveEngine), on one thread. That trains small nets fastest on a machine that
has other work, gives the same figures on any number of cores, and cannot hang after a
fork. What the user has set stays. D2L_BN_TUNE=0 leaves all to MXNet.
"""
import contextlib
import importlib
import os
import sys
import warnings

from . import cuda_libraries, machine
from .mending import mend, removed_numpy_names

SETTINGS = {"MXNET_ENGINE_TYPE": "NaiveEngine", "OMP_NUM_THREADS": "1"}
_INSTALL = ("pip install mxnet==1.9.1 d2lzh==1.0.0  (on Python 3.13 and later: "
            "pip install --no-deps mxnet==1.9.1 d2lzh==1.0.0)")


@contextlib.contextmanager
def settings(gpu=False):
    """Make the settings that the user has not made, while a `with` block runs.

    gpu: whether a GPU will be used; then none is made.
    """
    wanted = os.getenv("D2L_BN_TUNE") != "0" and not gpu
    made = SETTINGS.keys() - os.environ.keys() if wanted else set()
    os.environ.update({name: SETTINGS[name] for name in made})
    try:
        yield made
    finally:
        for name in made:
            del os.environ[name]


def _have_stderr():
    """Open stderr on nothing where there is none, as after `2>&-` and in services.

    tqdm needs one, and a file opened later would take its number: MXNet logs there.
    """
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")
        try:
            os.fstat(2)
        except OSError:
            os.dup2(sys.stderr.fileno(), 2)


def _start_engine(mxnet):
    """Start MXNet's engine, while the settings hold, without its line on stderr."""
    nowhere, stderr = os.open(os.devnull, os.O_WRONLY), os.dup(2)
    os.dup2(nowhere, 2)
    try:
        mxnet.nd.waitall()
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def _advice(err):
    """What to install, in plain words, after `import mxnet` failed; None if unknown."""
    if isinstance(err, ModuleNotFoundError):
        return {
            "mxnet": machine.wrong_kind_of_machine()
                     or f"MXNet is not installed. Install it with: {_INSTALL}",
            "setuptools": "MXNet needs distutils, which Python 3.12 removed and "
                          "setuptools supplies: pip install setuptools",
        }.get(err.name)
    if lacking := cuda_libraries.named_in(err):
        return cuda_libraries.advice_on(lacking)
    missing = machine.missing_libraries()
    return machine.advice_on([name for name in machine.LIBRARIES
                              if name in missing or name in str(err)])


def _load_mxnet():
    for name in [name for name in sys.modules if name.startswith("mxnet.")]:
        del sys.modules[name]  # left behind by an import that failed
    gpu = cuda_libraries.prepare()
    with warnings.catch_warnings(), removed_numpy_names(), settings(gpu) as made:
        warnings.simplefilter("ignore")  # of names deprecated but still there
        if sys.version_info >= (3, 12):
            importlib.import_module("setuptools")  # brings distutils
        mxnet = importlib.import_module("mxnet")
        if "OMP_NUM_THREADS" in made:
            # Again, where another package loaded the OpenMP library before.
            mxnet.base._LIB.omp_set_num_threads(int(SETTINGS["OMP_NUM_THREADS"]))
        _start_engine(mxnet)
    return mxnet


def import_mxnet():
    """Import MXNet, mend it and return it; an ImportError says what to install."""
    mxnet = sys.modules.get("mxnet")
    if mxnet is None:
        _have_stderr()
        try:
            mxnet = _load_mxnet()
        except (ModuleNotFoundError, OSError) as err:
            if advice := _advice(err):
                raise ImportError(advice) from err
            raise
    mend(mxnet)
    return mxnet


def restore_set_matplotlib_formats():
    """Give IPython.display back the function IPython 9 removed and d2lzh calls."""
    display = importlib.import_module("IPython.display")
    if not hasattr(display, "set_matplotlib_formats"):
        backend = importlib.import_module("matplotlib_inline.backend_inline")
        display.set_matplotlib_formats = backend.set_matplotlib_formats
