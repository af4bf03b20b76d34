"""How MXNet uses the processor: settings made while it loads, on CPU builds alone.

MXNet by itself hands each operator to another thread and uses about half of the cores.
Small nets train faster when an operator runs where it is called (NaiveEngine) and two
threads share it. More would round sums otherwise: figures would depend on the machine.
What the user has set stays. D2L_BN_TUNE=0 leaves all to MXNet.
"""
import contextlib
import importlib.metadata
import os

SETTINGS = {
    "MXNET_ENGINE_TYPE": "NaiveEngine",
    "OMP_NUM_THREADS": "2",
    # How long a thread that waits for the other stays awake: to sleep and to wake
    # hundreds of times a step costs far more when another program is busy.
    "GOMP_SPINCOUNT": "10000000",
}
GPU_BUILDS = {"mxnet-cu112", "mxnet-cu117"}


@contextlib.contextmanager
def settings():
    """Make the settings that the user has not made, while a `with` block runs."""
    names = {distribution.name for distribution in importlib.metadata.distributions()}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    wanted = os.getenv("D2L_BN_TUNE") != "0" and cores > 1
    made = SETTINGS.keys() - os.environ.keys()
    if not wanted or names & GPU_BUILDS:
        made = set()
    os.environ.update({name: SETTINGS[name] for name in made})
    try:
        yield
    finally:
        for name in made:
            del os.environ[name]


def start_engine(mxnet):
    """Start MXNet's engine, while the settings hold, without its line on stderr."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        stderr = os.dup(2)
    except OSError:  # a service may be started without one
        stderr = nowhere
    os.dup2(nowhere, 2)
    try:
        mxnet.nd.waitall()
    finally:
        os.dup2(stderr, 2)
        for descriptor in {stderr, nowhere} - {2}:
            os.close(descriptor)
    # A forked process, as a DataLoader's worker, lacks the other thread: wait for none.
    os.register_at_fork(after_in_child=lambda: mxnet.base._LIB.omp_set_num_threads(1))
