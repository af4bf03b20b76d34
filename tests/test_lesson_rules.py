"""The lessons keep the rules for readable lessons (tools/lesson_rules.py).

That each rule finds what breaks it is shown by test_lesson_faults.py.
"""
import re
from pathlib import Path

import lesson_parts
import lesson_rules
import nbformat
import pytest
from lesson_rules import problems

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
every_lesson = pytest.mark.parametrize("path", LESSONS,
                                       ids=[path.stem for path in LESSONS])


def minutes(path):
    return lesson_parts.minutes(nbformat.read(path, as_version=4))


@every_lesson
def test_lesson_keeps_the_rules(path):
    assert problems(path) == []


def test_cells_and_outputs_of_the_appendix_keep_the_rules():
    [page] = (ROOT / "notebooks").glob("appendix*.ipynb")
    notebook = nbformat.read(page, as_version=4)
    for rule in (lesson_rules.check_names, lesson_rules.check_outputs):
        assert list(rule(notebook)) == []
    assert list(lesson_rules.check_cells("", notebook)) == []


@every_lesson
def test_readme_says_how_long_the_lesson_takes_to_read(path):
    readme = (ROOT / "README.md").read_text()
    [said] = re.findall(rf"\(notebooks/{path.name}\) \|[^|]*\| (\d+ \+ \d+) \|",
                        readme)
    exercises = lesson_parts.exercise_minutes(nbformat.read(path, as_version=4))
    assert said == f"{minutes(path)} + {exercises}"


def test_the_core_takes_four_hours_and_a_half_and_no_lesson_an_hour():
    assert [path.name[:2] for path in LESSONS] == [f"{i:02}" for i in range(1, 15)]
    assert sum(map(minutes, LESSONS[:7])) <= 270
    assert max(map(minutes, LESSONS)) <= 55


def test_few_cells_may_be_long_and_each_is_there_and_has_a_reason():
    assert len(lesson_rules.LONG_CELLS) <= 5
    long = {(path.name[:2], lesson_parts.first_line(cell))
            for path in LESSONS
            for cell in lesson_parts.code_cells(nbformat.read(path, as_version=4))
            if len(cell.source.splitlines()) > lesson_rules.MOST_LINES}
    for cell, reason in lesson_rules.LONG_CELLS.items():
        assert cell in long and len(reason) > 20, cell
