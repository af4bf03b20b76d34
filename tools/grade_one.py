"""Mark one hand-in: a program of its own, so that no hand-in can end another's marking.

    python tools/grade_one.py FOLDER LESSON   started by tools/grade.py

FOLDER holds handed-in.ipynb, the assignment as released, nbgrader's database and a copy
of d2l_bn. result.json is left there, and the page for the learner in feedback/.
"""
import argparse
import json
from pathlib import Path

import assignments
import nbformat
from grade_kernel import LimitedExecute
from hand_in import prepared, rows
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute

LEARNER = "learner"  # the database is this hand-in's own: any name will do


def configuration(folder, options):
    config = assignments.configuration(folder)
    config.LimitedExecute.folder = str(folder)
    config.LimitedExecute.cell_seconds = options.cell_seconds
    config.LimitedExecute.memory_mb = options.memory_mb
    config.LimitOutput.max_lines = 200
    steps = Autograde().autograde_preprocessors
    config.Autograde.autograde_preprocessors = [
        LimitedExecute if step is Execute else step for step in steps]
    return config


def mark(folder, lesson, options):
    """Run nbgrader on the hand-in; the rows of the table."""
    notebook, wrong = prepared(folder)
    place = folder / "submitted" / LEARNER / lesson / f"{lesson}.ipynb"
    place.parent.mkdir(parents=True)
    nbformat.write(notebook, place)
    config = configuration(folder, options)
    api = NbGraderAPI(config=config)
    for step in (api.autograde, api.generate_feedback):
        outcome = step(lesson, LEARNER)
        if not outcome["success"]:
            raise RuntimeError(outcome.get("error") or outcome["log"])
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        submission = book.find_submission_notebook(lesson, lesson, LEARNER)
        points = {grade.name: (grade.auto_score, grade.max_score)
                  for grade in submission.grades}
    marked = folder / "autograded" / LEARNER / lesson / f"{lesson}.ipynb"
    return list(rows(nbformat.read(marked, as_version=4), points, wrong))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("lesson")
    parser.add_argument("--cell-seconds", type=float)
    parser.add_argument("--memory-mb", type=int)
    options = parser.parse_args()
    marked = mark(options.folder, options.lesson, options)
    (options.folder / "result.json").write_text(json.dumps(marked), encoding="utf-8")


if __name__ == "__main__":
    main()
