"""`make student`: lessons without outputs, checks and solutions; the exercises."""
import ast
import re
import subprocess
import sys
from pathlib import Path

import assignments
import exercises
import nbformat
import pytest
from lesson_parts import code_cells, is_check, markdown, tree
from nbclient import NotebookClient
from student import without_solutions

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
        [*(path.name for path in PAGES), "programs", "exercises"])
    texts = [{path.name: path.read_text() for path in folder.glob("programs/*.py")}
             for folder in (ROOT / "notebooks", student)]  # lesson 12 runs them
    assert texts[0] == texts[1] != {}


@pytest.mark.parametrize("name", [path.name for path in PAGES])
def test_copy_is_the_lesson_without_outputs_and_checks(student, name):
    lesson, copy = read(ROOT / "notebooks" / name), read(student / name)
    assert [cell.source for cell in copy.cells] == [
        without_solutions(cell.source) for cell in lesson.cells if not is_check(cell)]
    assert any(map(is_check, code_cells(lesson)))
    for cell in code_cells(copy):
        assert cell.outputs == [] and cell.execution_count is None
        assert not all(isinstance(node, ast.Assert) for node in tree(cell).body)


def test_links_between_the_copies_lead_somewhere(student):
    found = 0
    for path in student.rglob("*.ipynb"):
        for text in markdown(read(path)):
            for target in re.findall(r"\]\(([\w/.]+\.ipynb)", text):
                found += 1
                assert (path.parent / target).exists(), (path.name, target)
    assert found >= len(PAGES)


def test_nothing_leads_to_the_solutions(student):
    assert exercises.OPENING != without_solutions(
        exercises.OPENING.format(solutions="solutions/03_write_batch_norm.ipynb"))
    for path in student.rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert "solutions/" not in text and "BEGIN SOLUTION" not in text


@pytest.mark.parametrize("path", exercises.solutions(), ids=assignments.names())
def test_exercises_are_handed_out_without_answers(student, path):
    """What the class gets is what nbgrader knows: stubs to fill in, locked checks."""
    copy = read(student / "exercises" / f"{assignments.name_of(path)}.ipynb")
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in copy.cells
             if "nbgrader" in cell.metadata}
    for exercise in exercises.exercises(path):
        name = exercise.check.partition(".")[2]
        answer, check = cells[name], cells[name + assignments.CHECK]
        assert exercises.STUB in answer.source and answer.metadata.nbgrader.solution
        assert check.source.startswith(f"verdict = check.{exercise.check}(")
        assert check.metadata.nbgrader.locked and check.metadata.nbgrader.points == 1
        assert "HIDDEN" not in check.source and "assert" not in check.source
        assert exercise.statement in markdown(copy)
    for cell in code_cells(copy):
        assert cell.outputs == [] and cell.execution_count is None


@pytest.mark.lesson
def test_a_copy_runs_to_its_end(student):
    [path] = student.glob("03_*.ipynb")
    copy = read(path)
    NotebookClient(copy, timeout=3600, kernel_name="python3",
                   resources={"metadata": {"path": student}}).execute()
    assert all(cell.execution_count for cell in code_cells(copy))
