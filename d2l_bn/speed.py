"""How MXNet uses the processor: the settings made when `d2l_bn` is imported.

MXNet's own settings use about half of the cores and hand each operator to another
thread. For the small nets of this course two things together are faster: an operator
runs where it is called (NaiveEngine), and 2 threads share it (OpenMP). Two on every
machine: shared among more, sums are rounded otherwise and the figures move.

The settings are environment variables that MXNet reads while it loads; they are taken
away afterwards. What the user has set stays. D2L_BN_TUNE=0 leaves all to MXNet. GPU
builds and machines with one core are left alone.
"""
import contextlib
import importlib.metadata
import os

SETTINGS = {
    "MXNET_ENGINE_TYPE": "NaiveEngine",
    "OMP_NUM_THREADS": "2",
    # A thread that waits for the other stays awake for a while. Put to sleep and woken
    # hundreds of times a step, the two lose far more beside another busy program.
    "GOMP_SPINCOUNT": "10000000",
}
GPU_BUILDS = ("mxnet-cu112", "mxnet-cu117")


def is_tuned():
    """Whether the settings are to be made on this machine."""
    if os.environ.get("D2L_BN_TUNE", "1") == "0":
        return False
    names = {distribution.name for distribution in importlib.metadata.distributions()}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return cores > 1 and names.isdisjoint(GPU_BUILDS)


@contextlib.contextmanager
def settings():
    """Make the settings that the user has not made, while a `with` block runs."""
    made = [name for name in SETTINGS if name not in os.environ] if is_tuned() else []
    os.environ.update({name: SETTINGS[name] for name in made})
    try:
        yield
    finally:
        for name in made:
            del os.environ[name]


def start_engine(mxnet):
    """Start MXNet's engine, while the settings hold, without its line on stderr."""
    try:
        stderr = os.dup(2)
    except OSError:  # a service may be started without one
        stderr = os.open(os.devnull, os.O_WRONLY)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        mxnet.nd.waitall()
    finally:
        os.dup2(stderr, 2)
        for descriptor in {stderr, nowhere} - {2}:
            os.close(descriptor)
    # A forked process, such as a DataLoader's worker, has lost the OpenMP threads and
    # would wait for them for ever.
    os.register_at_fork(
        after_in_child=lambda: mxnet.base._LIB.omp_set_num_threads(1))
