"""The report of a machine says what is needed, also where MXNet fails, and no path."""
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import report

ROOT = Path(__file__).resolve().parent.parent


def reported(*path, **settings):
    done = subprocess.run(
        [sys.executable, report.__file__], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), **settings})
    assert done.stderr == ""
    return dict(line.split(": ", 1) for line in done.stdout.splitlines()
                if line[:1].strip()), done.stdout


@pytest.mark.slow
def test_a_report_names_versions_processor_settings_and_build():
    found, text = reported(HOME="/home/ann", MXNET_HOME="/home/ann",
                           OMP_NUM_THREADS="3")
    assert found["Python"].startswith(platform.python_version())
    assert f"numpy {np.__version__}" in found["packages"]
    assert "mxnet 1.9.1" in found["packages"]
    assert found["MXNet"].startswith("imported 1.9.1 with") and "GPUs" in text
    assert found["the machine lacks"] == "nothing"
    assert "OMP_NUM_THREADS=3" in found["settings"]
    assert "MXNET_HOME=~" in found["settings"]
    for private in ("/ann", f"{ROOT}/", f"{Path.home()}/"):
        assert private not in text


@pytest.mark.parametrize("code, words", [
    ("raise OSError('libgomp.so.1: cannot open shared object file')", "libgomp"),
    ("import os; os.abort()", "the process that asked it died")])
def test_a_report_ends_where_mxnet_fails(stub, code, words):
    found, text = reported(*stub(code))
    assert words in text.partition("\nMXNet: ")[2]
    assert found["Python"].startswith(platform.python_version())


@pytest.mark.parametrize("text, without", [
    ("MXNET_HOME=/home/ann/data", "MXNET_HOME=.../data"),
    ("File \"/home/ann/x y/lib.py\", line 3", "File \".../x y/lib.py\", line 3"),
    ("~/secret/lib.so: cannot open", ".../lib.so: cannot open"),
    ("1/2 and Linux-6.1", "1/2 and Linux-6.1")])
def test_folders_are_left_out(text, without):
    assert report.without_paths(text) == without
