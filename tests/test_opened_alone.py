"""A notebook opened where the course is not installed: its first cells run.

Each test makes an environment of its own from the package registry, about 400 MB, and
runs cells in a kernel of it. A copy of the course stands for its address.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import opening
import pytest
from lesson_parts import code_cells
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "build", "*.egg-info", "__*__")
HOUR = 3600
pytestmark = [pytest.mark.slow, pytest.mark.timeout(HOUR)]


def call(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                          **options)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(autouse=True)
def faster(monkeypatch):
    """Let pip leave modules uncompiled: most are never imported here."""
    monkeypatch.setenv("PIP_NO_COMPILE", "1")


@pytest.fixture
def python(tmp_path):
    """The Python of a new environment, which has a kernel, but no NumPy."""
    folder = tmp_path / "environment"
    call(sys.executable, "-m", "venv", folder)
    call(folder / "bin" / "python", "-m", "pip", "install", "ipykernel")
    return folder / "bin" / "python"


@pytest.fixture
def clone(tmp_path):
    """A copy of the course as it is, committed or not; its path has a space."""
    clone = tmp_path / "a clone"
    shutil.copytree(ROOT, clone, ignore=NOT_COPIED)
    return clone


@pytest.fixture
def empty(tmp_path):
    """A folder for the notebook that is opened alone."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that runs cells in a kernel of a Python; what each printed."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    def run(python, folder, sources):
        spec = tmp_path / "jupyter" / "kernels" / "alone" / "kernel.json"
        spec.parent.mkdir(parents=True, exist_ok=True)
        spec.write_text(json.dumps({
            "display_name": "Alone", "language": "python",
            "argv": [str(python), "-m", "ipykernel", "-f", "{connection_file}"]}))
        notebook = new_notebook(cells=list(map(new_code_cell, sources)))
        NotebookClient(notebook, kernel_name="alone", timeout=HOUR, allow_errors=True,
                       resources={"metadata": {"path": str(folder)}}).execute()
        return notebook.cells

    return run


def first_cells(number, course, count=3):
    """The first code cells of a lesson, with the course's address written into them."""
    [path] = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    first, *rest = [cell.source for cell in code_cells(
        nbformat.read(path, as_version=4))]
    first, changed = re.subn(r'(?m)^COURSE = ".*?"', f'COURSE = "{course}"', first)
    assert changed == 1
    return [first, *rest[:count - 1]]


def error(cell):
    """The one error of a cell."""
    [found] = [output for output in cell.outputs if output.output_type == "error"]
    return found


def no_error(cells):
    for cell in cells:
        assert all(output.output_type != "error" for output in cell.outputs), (
            cell.source, cell.outputs)
    return cells


def text(cell):
    """What a cell printed, or shows at its end, after what pip may have said."""
    last = cell.outputs[-1]
    return last.get("text", "") or last.data["text/plain"]


def test_bare_kernel_takes_the_clone_around_it_or_asks_for_the_address(
        python, run, clone, empty):
    [cell] = run(python, empty, first_cells("01", "", 1))
    assert error(cell).ename == "ImportError"
    assert "course's address or its folder" in error(cell).evalue
    assert "File " not in "".join(error(cell).traceback)  # no frame but the cell

    cells = [*first_cells("01", ""), "d2l_bn.CLONE"]
    with open(clone / "d2l_bn" / "__init__.py", "a") as file:
        file.write("\nCLONE = 'this clone'\n")
    for folder in ("notebooks", "notebooks/solutions"):
        *_, last = no_error(run(python, clone / folder, cells))
        assert text(last) == "'this clone'"
        call(python, "-m", "pip", "uninstall", "--yes", "d2l_bn")

    call("git", "init", "-q", clone)
    call("git", "add", "-A", cwd=clone)
    call("git", "-c", "user.name=a", "-c", "user.email=a", "commit", "-qm", "a",
         cwd=clone)
    # Lesson 12 runs programs, which stand beside it in a clone.
    place = next(cell.source for cell in code_cells(nbformat.read(
        ROOT / "notebooks" / "12_use_many_devices.ipynb", as_version=4))
        if "place_programs" in cell.source)
    *_, printed = no_error(run(python, empty, [
        *first_cells("12", f"git+{clone.as_uri()}"), place]))
    program = (ROOT / "notebooks" / "programs" / "two_devices.py").read_text()
    assert text(printed) == program + "\n"
    assert (empty / "programs" / "worker.py").exists()


def test_numpy_2_that_is_imported_already_stays(python, run, clone, empty):
    # Not the newest, so that a renewal would show.
    call(python, "-m", "pip", "install", "numpy>=2,<2.4")
    before = "import numpy\nkept, version = numpy, numpy.__version__\nversion"
    after = ("import importlib.metadata, numpy\n"
             "numpy is kept and importlib.metadata.version('numpy') == version")
    for number in ("11", "13"):  # they need packages of their own
        first, *_, last = no_error(run(python, empty, [
            before, *first_cells(number, clone, 2), after]))
        assert text(first).startswith("'2.") and text(last) == "True"
    for module in opening.EXTRAS:
        call(python, "-c", f"import {module}")


def test_environment_of_uv_says_what_to_type_and_that_works(
        tmp_path, run, clone, empty):
    tools, environment = tmp_path / "tools", tmp_path / "environment"
    call(sys.executable, "-m", "venv", tools)
    call(tools / "bin" / "python", "-m", "pip", "install", "uv")
    search = os.pathsep.join([str(tools / "bin"), os.environ["PATH"]])
    uv, python = tools / "bin" / "uv", environment / "bin" / "python"
    call(uv, "venv", "--python", sys.executable, environment)
    call(uv, "pip", "install", "--python", python, "ipykernel")
    [cell] = run(python, empty, first_cells("01", clone, 1))
    what, to_type = error(cell).evalue.split("type: ")
    assert (what, error(cell).ename) == ("No pip; ", "ImportError")
    call(*shlex.split(to_type), cwd=empty, env={**os.environ, "PATH": search})
    no_error(run(python, empty, first_cells("01", clone)))
