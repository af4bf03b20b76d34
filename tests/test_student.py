"""`make student`: the lessons without outputs and without the cells that check."""
import ast
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from lesson_parts import code_cells, is_check, markdown, tree
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))


def make_student(folder):
    return subprocess.run(
        ["make", "-o", ".venv/ready", f"PY={sys.executable}", f"STUDENT={folder}",
         "student"], cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    """The folder of the copies."""
    folder = tmp_path_factory.mktemp("class") / "student"
    done = make_student(folder)
    assert done.returncode == 0, done.stderr
    return folder


def read(path):
    return nbformat.read(path, as_version=4)


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "01_take_means_over_axes.ipynb").write_text("a learner's work")
    done = make_student(tmp_path)
    assert done.returncode != 0 and f"{tmp_path} is there" in done.stdout
    [kept] = tmp_path.iterdir()
    assert kept.read_text() == "a learner's work"


def test_every_page_is_copied_and_nothing_else_is_there(student):
    assert sorted(path.name for path in student.iterdir()) == sorted(
        [*(path.name for path in PAGES), "programs"])
    texts = [{path.name: path.read_text() for path in folder.glob("programs/*.py")}
             for folder in (ROOT / "notebooks", student)]  # lesson 12 runs them
    assert texts[0] == texts[1] != {}


@pytest.mark.parametrize("name", [path.name for path in PAGES])
def test_copy_is_the_lesson_without_outputs_and_checks(student, name):
    lesson, copy = read(ROOT / "notebooks" / name), read(student / name)
    assert [cell.source for cell in copy.cells] == [
        cell.source for cell in lesson.cells if not is_check(cell)]
    assert any(map(is_check, code_cells(lesson)))
    for cell in code_cells(copy):
        assert cell.outputs == [] and cell.execution_count is None
        assert not all(isinstance(node, ast.Assert) for node in tree(cell).body)


def test_links_between_the_copies_lead_somewhere(student):
    links = {target for path in student.glob("*.ipynb")
             for text in markdown(read(path))
             for target in re.findall(r"\]\((\w+\.ipynb)", text)}
    assert len(links) >= len(PAGES)
    assert all((student / target).exists() for target in links)


@pytest.mark.lesson
def test_a_copy_runs_to_its_end(student):
    [path] = student.glob("03_*.ipynb")
    copy = read(path)
    NotebookClient(copy, timeout=3600, kernel_name="python3",
                   resources={"metadata": {"path": student}}).execute()
    assert all(cell.execution_count for cell in code_cells(copy))
