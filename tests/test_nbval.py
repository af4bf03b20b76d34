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


BAR = new_code_cell(
    "from tqdm import tqdm\nfor i in tqdm(range(3)):\n    print(i)", execution_count=9,
    outputs=[new_output("stream", name="stdout", text="0\n1\n2\n")])


@pytest.mark.slow
def test_nbval_passes_a_lessons_first_cells_and_a_progress_bar(tmp_path):
    """With the lessons' conftest.py, though nbval is called plainly."""
    notebook, path = nbformat.read(LESSONS[0], as_version=4), tmp_path / "short.ipynb"
    prints = [any(output.output_type == "stream" for output in cell.get("outputs", []))
              for cell in notebook.cells]
    notebook.cells = [*notebook.cells[:prints.index(True) + 1], BAR]
    nbformat.write(notebook, path)
    shutil.copy(NOTEBOOKS / "conftest.py", tmp_path)
    counts, printed = nbval(path, tmp_path / "report.xml")
    assert counts["tests"] > 1 and counts["failures"] == 0, printed


@pytest.mark.slow
def test_nbval_fails_a_corrupted_output_a_false_hidden_assert_and_a_bar(tmp_path):
    """The bar because the lessons' conftest.py is not there."""
    cells = [new_code_cell(f"print({number})", execution_count=1, outputs=[
                 new_output("stream", name="stdout", text=f"{printed}\n")])
             for number, printed in ((5, 6), (7, 7))]
    cells += [new_code_cell("assert 1 + 1 == 3", execution_count=3), BAR]
    nbformat.write(new_notebook(cells=cells), tmp_path / "short.ipynb")
    counts, printed = nbval(tmp_path / "short.ipynb", tmp_path / "report.xml")
    failed = [case.get("name") for case in
              ElementTree.parse(tmp_path / "report.xml").getroot().iter("testcase")
              if case.find("failure") is not None]
    assert counts["tests"] == 4, printed
    assert [name.split()[-1] for name in failed] == ["0", "2", "3"], printed


@pytest.mark.slow
def test_a_process_left_behind_is_found(tmp_path):
    cell = new_code_cell(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '30'], start_new_session=True)",
        execution_count=1)
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "short.ipynb")
    with pytest.raises(AssertionError, match="left_behind"):
        nbval(tmp_path / "short.ipynb", tmp_path / "report.xml", seconds_left=1)
