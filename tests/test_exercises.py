"""Each exercise: its stub is met kindly, its solution passes, wrong answers are named.

The learner's side comes from notebooks/solutions/; the wrong answers stand in
tests/wrong_answers/, written as learners write them.
"""
import importlib
import inspect
import re
from pathlib import Path

from d2l_bn import check

import exercises
import nbformat
import numpy as np
import pytest
from lesson_parts import num_words, tree
from mxnet import nd

ROOT = Path(__file__).resolve().parent.parent
PATHS = exercises.solutions()
ALL = [exercise for path in PATHS for exercise in exercises.exercises(path)]
every_lesson = pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
every_exercise = pytest.mark.parametrize("exercise", ALL,
                                         ids=[exercise.check for exercise in ALL])


class Sulky:
    def __repr__(self):
        raise RuntimeError("no word from me")


def endless():
    while True:
        yield nd.ones(3)


ODD = {"a list": [1, 2], "a word": "four", "a NumPy array": np.ones((2, 3)),
       "an NDArray of a strange shape": nd.zeros((7, 1, 5)), "a generator": endless(),
       "an object without words": Sulky(), "not a number": float("nan"),
       "an empty tuple": (), "a dictionary": {"mean": 3}, "a class": Sulky}


def check_of(exercise):
    module, _, name = exercise.check.partition(".")
    return getattr(getattr(check, module), name)


def wrong_answers(exercise):
    module, _, name = exercise.check.partition(".")
    return importlib.import_module(f"wrong_answers.{module}").WRONG[name]


def setup(exercise):
    """The names that the solutions notebook gives an answer to work with."""
    [path] = [path for path in PATHS if path.stem == exercise.lesson]
    names = {}
    for cell in exercises.setup(path):
        if cell.cell_type == "code":
            exec(compile(tree(cell), path.name, "exec"), names)
    return names


def verdict(exercise, code):
    """What the code's last statement gives: the check's verdict."""
    names = setup(exercise)
    for cell in exercise.cells[1:-1]:
        exec(compile(cell.source, "given", "exec"), names)
    statements, _, call = code.rpartition("\ncheck.")
    exec(compile(statements, "answer", "exec"), names)
    return eval(compile("check." + call, "answer", "eval"), names)


@every_exercise
def test_stub_is_met_with_one_friendly_line(exercise):
    met = verdict(exercise, exercise.stub())
    assert met.state == "untouched" and not met
    assert re.fullmatch(r"○ [^\n]+ not answered yet[^\n]+", repr(met))


@every_exercise
def test_solution_passes(exercise):
    met = verdict(exercise, exercise.code)
    assert met and re.fullmatch(r"✓ Right\. Verified: [^\n]+", repr(met)), repr(met)


@every_exercise
def test_wrong_answers_are_named(exercise):
    wrong = wrong_answers(exercise)
    diagnoses = set()
    for answer, words in wrong:
        met = check_of(exercise)(answer)
        assert met.state == "failed" and words in (met.diagnosis or ""), repr(met)
        diagnoses.add(met.diagnosis)
    assert len(wrong) >= 2 and len(diagnoses) == len(wrong)
    assert diagnoses <= set(exercises.recognised(exercise))


@every_exercise
def test_odd_answers_are_explained(exercise):
    returned = [lambda *_, odd=odd, **__: odd for odd in ODD.values()]
    for odd in [*ODD.values(), *returned]:
        met = check_of(exercise)(odd)
        assert met.state == "failed", repr(met)
        assert "got:" in repr(met) and " at 0x" not in repr(met)


@every_exercise
def test_errors_of_an_answer_are_told(exercise):
    def stops(*_, **__):
        raise OverflowError("too much")

    def leaves(*_, **__):
        raise SystemExit

    for answer, word in ((stops, "OverflowError: too much"), (leaves, "SystemExit")):
        met = check_of(exercise)(answer)
        assert met.state == "failed"
        told = word in repr(met) or "expected:" in repr(met)  # where no call is asked
        assert told, repr(met)


@every_exercise
def test_statement_is_short_and_labelled_and_has_two_hints(exercise):
    assert re.match(r"### Exercise \d+: ", exercise.statement)
    assert exercise.kind and exercise.check.startswith(f"lesson{exercise.lesson[:2]}.")
    assert num_words(exercise.text()) < 80
    hints = re.findall(r"<details><summary>Hint (\d)</summary>\n\n(.+?)\n\n</details>",
                       exercise.statement, flags=re.S)
    assert [number for number, _ in hints] == ["1", "2"]


@every_lesson
def test_lesson_has_the_exercises_of_its_solutions(path):
    lesson = nbformat.read(path.parent.parent / path.name, as_version=4)
    assert exercises.is_current(lesson, exercises.section(path))


@every_lesson
def test_solutions_explain_and_name_wrong_ways(path):
    cells = nbformat.read(path, as_version=4).cells
    after = [cell for before, cell in zip(cells, cells[1:], strict=False)
             if exercises.is_part(before) and before.cell_type == "code"
             and (cell.cell_type == "markdown" or not exercises.is_part(cell))]
    found = exercises.exercises(path)
    assert len(after) == len(found) >= 4 and found[0].kind == "recall"
    for cell in after:
        assert not exercises.is_part(cell) and "**Wrong ways.**" in cell.source


@every_lesson
def test_solutions_are_executed_and_say_right(path):
    for exercise in exercises.exercises(path):
        text = exercise.cells[-1].outputs[-1].data["text/plain"]
        assert text.startswith("✓ Right")


def test_table_is_current():
    stored = (ROOT / "docs" / "exercises.md").read_text(encoding="utf-8")
    assert stored == exercises.table(ALL)


def test_every_check_belongs_to_an_exercise():
    found = {f"{name}.{function}" for name in check.__all__
             for function, value in vars(getattr(check, name)).items()
             if inspect.isfunction(value) and value.__module__.endswith(name)
             and "answer" in inspect.signature(value).parameters}
    assert found == {exercise.check for exercise in ALL}


INSIDE = """def f(x):
    ### BEGIN SOLUTION
    y = x
    return y
    ### END SOLUTION


f(1)"""
AT_THE_EDGE = """a = None
### BEGIN SOLUTION
a = 3
### END SOLUTION

f(a)"""


def test_solutions_become_dots_or_leave_none():
    assert exercises.stub(INSIDE) == "def f(x):\n    ...  # your code here\n\n\nf(1)"
    assert exercises.stub(AT_THE_EDGE) == "a = None\n\nf(a)"
