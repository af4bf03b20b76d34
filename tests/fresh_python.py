"""Python code run in a process of its own, on each NumPy: fixtures for conftest.py."""
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from d2l_bn import compat

import pytest

ROOT = Path(__file__).resolve().parent.parent
OTHER_NUMPY = Path(os.environ.get("D2L_BN_OTHER_NUMPY", ROOT / ".venv" / "other-numpy"))
SETTINGS = (*compat.SETTINGS, "D2L_BN_TUNE")


@pytest.fixture(scope="session")
def other_numpy():
    """The folder with a NumPy that is not the installed one."""
    if not (OTHER_NUMPY / "numpy").is_dir():
        pytest.fail(f"there is no other NumPy in {OTHER_NUMPY}: run make check, "
                    "which puts it there", pytrace=False)
    return OTHER_NUMPY


@pytest.fixture(params=["installed", "other"])
def numpy_path(request):
    """What to put on PYTHONPATH for each NumPy in turn."""
    if request.param == "installed":
        return []
    return [request.getfixturevalue("other_numpy")]


@pytest.fixture
def python(tmp_path):
    """A function that runs Python code elsewhere, with none of our settings made."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def run(code, path=(), options=(), timeout=300, prefix=(), **environment):
        kept = {name: value for name, value in os.environ.items()
                if name not in SETTINGS and not name.startswith("PYTHON")}
        paths = os.pathsep.join(str(part) for part in (*path, ROOT))
        kept |= {"MPLBACKEND": "Agg", "PYTHONPATH": paths, **environment}
        process = subprocess.Popen(
            [*prefix, sys.executable, *options, "-c", textwrap.dedent(code)],
            cwd=elsewhere, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,  # so that its children can be ended with it
            env={name: value for name, value in kept.items() if value is not None})
        try:
            printed = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            printed = "".join(process.communicate())
            pytest.fail(f"no end after {timeout} s; printed: {printed}", pytrace=False)
        return subprocess.CompletedProcess(process.args, process.returncode, *printed)

    return run


@pytest.fixture
def stub(tmp_path):
    """A function that makes a folder with a module mxnet of the code given."""
    def make(code):
        package = tmp_path / "stub" / "mxnet"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(textwrap.dedent(code))
        return [package.parent]

    return make


def output(done):
    """What a process printed, if it ended well."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def error(done):
    """The error that ended a process: its last lines, from the error's name on."""
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    start = max(number for number, line in enumerate(lines) if line[:1].strip())
    return "\n".join(lines[start:])
