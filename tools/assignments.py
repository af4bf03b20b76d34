"""The exercises as nbgrader's assignments: one short notebook a lesson, none trains.

An assignment holds the set-up of notebooks/solutions/ and, for each exercise, its
statement, a cell for the answer and a locked cell with the check, worth one point. This
module writes them with their solutions; nbgrader makes from these what the class gets.
"""
import os
import re
import sys
from pathlib import Path

import exercises
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

INTRODUCTION = """# Exercises of {title}

Work through [the lesson](../{name}) first. Write each answer into the cell with the dots, run it, and run the check below it: it says what is right, what is not, and which mistake fits. The hints unfold. A right answer earns one point.

You hand in this file, under its name. You may add cells. The set-up cell and the checks are put back as they are here before the file is marked, and every cell must end within {seconds} seconds there."""  # noqa: E501
# A fresh import: whatever an answer has put in place of the checks does not mark it.
# No name is used that a learner may have given to something else, such as `list`.
FRESH = """### BEGIN HIDDEN TESTS
import sys
[sys.modules.pop(name) for name in [*sys.modules] if name.startswith("d2l_bn.check")]
import d2l_bn.check as check
### END HIDDEN TESTS"""
MARK = """### BEGIN HIDDEN TESTS
sys.stdout.write(f"{verdict}\\n")
assert verdict.state == "passed", "no point"
### END HIDDEN TESTS"""
CELL_SECONDS = 60
CHECK = "-check"  # how the ids of the cells that mark end


def nbgrader(grade_id, **what):
    """The metadata by which nbgrader knows a cell."""
    flags = {"grade": False, "solution": False, "locked": False, **what}
    return {"nbgrader": {"schema_version": 3, "grade_id": grade_id, "task": False,
                         **flags}}


def code(source, grade_id, **what):
    return new_code_cell(source, id=grade_id[:64], metadata=nbgrader(grade_id, **what))


def answer_and_check(exercise):
    """The last cell of an exercise in two: what the learner writes, what marks it."""
    name = exercise.check.partition(".")[2]
    answer, _, call = exercise.code.rpartition("\ncheck.")
    check = "\n".join([FRESH, f"verdict = check.{call}", "verdict", MARK])
    return [code(answer.rstrip("\n"), name, solution=True),
            code(check, name + CHECK, grade=True, locked=True, points=1)]


def source(path):
    """The assignment made from a solutions notebook, with the solutions."""
    before = exercises.setup(path)
    title = re.match("# Solutions of (.*)", before[0].source)[1]
    cells = [new_markdown_cell(INTRODUCTION.format(
        title=title, name=path.name, seconds=CELL_SECONDS), id="introduction")]
    cells += [code(cell.source, f"setup-{number}", locked=True)
              for number, cell in enumerate(before) if cell.cell_type == "code"]
    for exercise in exercises.exercises(path):
        name = exercise.check.partition(".")[2]
        cells.append(new_markdown_cell(exercise.statement, id=f"{name}-statement"[:64]))
        cells += [code(cell.source, f"{name}-given-{number}", locked=True)
                  for number, cell in enumerate(exercise.cells[1:-1])]
        cells += answer_and_check(exercise)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={
        "kernelspec": kernel, "language_info": {"name": "python"}})


def name_of(path):
    """The assignment's name; the lesson's would let one be handed in for the other."""
    return f"{path.stem[:2]}_exercises"


def names():
    return [name_of(path) for path in exercises.solutions()]


def lesson(name):
    """The lesson of an assignment."""
    [path] = [path for path in exercises.solutions() if name_of(path) == name]
    return path.stem


def configuration(folder):
    """nbgrader's settings for a course in `folder`."""
    from traitlets.config import Config
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.ClearSolutions.code_stub = {"python": exercises.STUB}
    return config


def release(folder):
    """Let nbgrader make the assignments in folder/release/ and its database.

    Returns name -> path of what the class gets.
    """
    from nbgrader.apps import NbGraderAPI
    # nbgrader calls a program of its environment by its bare name.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent),
                                          os.environ["PATH"]])
    api = NbGraderAPI(config=configuration(folder))
    made = {}
    for path in exercises.solutions():
        name = name_of(path)
        place = folder / "source" / name / f"{name}.ipynb"
        place.parent.mkdir(parents=True)
        nbformat.write(source(path), place)
        outcome = api.generate_assignment(name)
        if not outcome["success"]:
            raise RuntimeError(f"{name}: {outcome['log']}")
        made[name] = folder / "release" / name / f"{name}.ipynb"
    return made
