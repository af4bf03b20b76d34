"""A fresh run of each lesson and its solutions gives their outputs, as nbval tells.

Limits are for hangs alone: no machine is slow enough to meet them.
"""
import os
import shutil
import subprocess
import sys
import uuid
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from processes import left_behind

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
PAGES = [*LESSONS, *sorted(NOTEBOOKS.glob("appendix*.ipynb")),
         *sorted(NOTEBOOKS.glob("solutions/*.ipynb"))]
NAMES = [str(path.relative_to(NOTEBOOKS).with_suffix("")) for path in PAGES]
HOUR = 3600


def nbval(path, report, seconds_left=60):
    """Run nbval strictly on one notebook; its counts, and what it printed.

    Whatever the notebook starts must have ended with it, or within `seconds_left`.
    """
    mark = uuid.uuid4().hex
    environment = os.environ | {"PYTEST_ADDOPTS": "", "STARTED_BY_TEST": mark}
    environment.pop("TQDM_DISABLE", None)  # notebooks/conftest.py sees to it
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env",
         f"--nbval-cell-timeout={HOUR}", f"--nbval-kernel-startup-timeout={HOUR}",
         "--timeout=0", "-p", "no:cacheprovider", "--color=no",
         "--rootdir", path.parent, f"--junit-xml={report}", path],
        env=environment, capture_output=True, text=True, timeout=3 * HOUR)
    suite = ElementTree.parse(report).getroot().find("testsuite")
    counts = {name: int(suite.get(name))
              for name in ("tests", "failures", "errors", "skipped")}
    assert not left_behind(mark, seconds_left)
    return counts, done.stdout + done.stderr


@pytest.mark.lesson
@pytest.mark.timeout(4 * HOUR)
@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_fresh_run_gives_the_stored_outputs(path, tmp_path):
    counts, printed = nbval(path, tmp_path / "report.xml")
    num_cells = sum(cell.cell_type == "code"
                    for cell in nbformat.read(path, as_version=4).cells)
    # When a kernel dies nbval only marks the rest as expected failures: "skipped" here.
    assert counts == {"tests": num_cells, "failures": 0, "errors": 0,
                      "skipped": 0}, printed[-6000:]


def test_nbval_passes_the_first_cells_of_a_lesson(tmp_path):
    notebook, path = nbformat.read(LESSONS[0], as_version=4), tmp_path / "short.ipynb"
    prints = [any(output.output_type == "stream" for output in cell.get("outputs", []))
              for cell in notebook.cells]
    notebook.cells = notebook.cells[:prints.index(True) + 1]
    nbformat.write(notebook, path)
    counts, printed = nbval(path, tmp_path / "report.xml")
    assert counts["tests"] > 0 and counts["failures"] == 0, printed


def test_nbval_fails_a_corrupted_output_and_a_false_hidden_assert(tmp_path):
    cells = [new_code_cell("print(5)", execution_count=1, outputs=[
                 new_output("stream", name="stdout", text="6\n")]),
             new_code_cell("print(7)", execution_count=2, outputs=[
                 new_output("stream", name="stdout", text="7\n")]),
             new_code_cell("assert 1 + 1 == 3", execution_count=3)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "short.ipynb")
    counts, printed = nbval(tmp_path / "short.ipynb", tmp_path / "report.xml")
    assert (counts["tests"], counts["failures"]) == (3, 2), printed


def test_a_process_left_behind_is_found(tmp_path):
    cell = new_code_cell(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '30'], start_new_session=True)",
        execution_count=1)
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "short.ipynb")
    with pytest.raises(AssertionError, match="left_behind"):
        nbval(tmp_path / "short.ipynb", tmp_path / "report.xml", seconds_left=1)


@pytest.mark.parametrize("with_conftest", [True, False])
def test_progress_bars_do_not_fail_who_calls_nbval_plainly(with_conftest, tmp_path):
    cell = new_code_cell(
        "from tqdm import tqdm\nfor i in tqdm(range(3)):\n    print(i)",
        execution_count=1,
        outputs=[new_output("stream", name="stdout", text="0\n1\n2\n")])
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "bar.ipynb")
    if with_conftest:
        shutil.copy(NOTEBOOKS / "conftest.py", tmp_path)
    counts, printed = nbval(tmp_path / "bar.ipynb", tmp_path / "report.xml")
    assert counts["failures"] == (0 if with_conftest else 1), printed
