"""Mark one hand-in: a program of its own, so that no hand-in can end another's marking.

    python tools/grade_one.py FOLDER LESSON   started by tools/grade.py

FOLDER holds handed-in.ipynb, the assignment as released, nbgrader's database and a copy
of d2l_bn. result.json is left there, and the page for the learner in feedback/.
"""
import argparse
import json
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute

import assignments
from grade_kernel import LimitedExecute

LEARNER = "learner"  # the database is this hand-in's own: any name will do
SIGNS = ("✓", "○", "✗")  # how the first line of a verdict begins
LONGEST = 300  # characters of a line in the table


def key(cell):
    """What a cell is known by, also after a program that has dropped the metadata."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id")


def is_solution(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def completed(released, handed_in):
    """The assignment as released, with the learner's answers and added cells.

    So no check or set-up is missing, changed or out of order. An added cell stays
    behind the cell it stood behind. An answer's cell that is gone stays away: its answer
    may stand in an added one, and the stub would undo it.
    """
    known = {key(cell): cell for cell in released.cells}
    answers, added, place = {}, {None: []}, None
    for cell in handed_in.cells:
        name = key(cell)
        if name in known and name not in added:
            place, added[name] = name, []
            if is_solution(known[name]):
                answers[name] = cell.source
        elif cell.cell_type == "code":
            added[place].append(new_code_cell(cell.source))
        elif cell.cell_type == "markdown":
            added[place].append(new_markdown_cell(cell.source))
    if place is None:
        raise ValueError("it has no cell of the assignment; is it another file?")
    cells = added[None]
    for name, cell in known.items():
        if name in answers:
            cell.source = answers[name]
        if name in answers or not is_solution(cell):
            cells.append(cell)
        cells += added.get(name, [])
    released.cells = cells
    return released


def prepared(folder):
    """The notebook to mark, and what is wrong with the file, or None."""
    released = nbformat.read(folder / "released.ipynb", as_version=4)
    try:
        text = (folder / "handed-in.ipynb").read_text(encoding="utf-8-sig")
        return completed(released, nbformat.reads(text, as_version=4)), None
    except Exception as err:  # whatever a file may hold
        reason = (str(err) or type(err).__name__).splitlines()[0][:LONGEST]
        wrong = f"The file cannot be marked: {reason}"
        released.cells.insert(0, new_markdown_cell(f"**{wrong}**"))
        return released, wrong


def configuration(folder, options):
    config = assignments.configuration(folder)
    config.LimitedExecute.folder = str(folder)
    config.LimitedExecute.cell_seconds = options.cell_seconds
    config.LimitedExecute.memory_mb = options.memory_mb
    config.LimitOutput.max_lines = 200
    steps = Autograde.autograde_preprocessors.default_value
    config.Autograde.autograde_preprocessors = [
        LimitedExecute if step is Execute else step for step in steps]
    return config


def in_one_line(cells):
    """What the check of the last cell said, or the first error on the way to it."""
    printed = "".join(output.text for output in cells[-1].outputs
                      if output.output_type == "stream").splitlines()
    starts = [i for i, line in enumerate(printed) if line.startswith(SIGNS)]
    errors = [f"{output.ename}: {output.evalue}".splitlines()[0] for cell in cells
              for output in cell.outputs if output.output_type == "error"]
    said = " ".join(" ".join(printed[starts[-1]:]).split()) if starts else errors[0]
    return said[:LONGEST]


def rows(notebook, points, wrong):
    """(exercise, points, of how many, what was said), an exercise each."""
    since = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            since.append(cell)
        name = key(cell)
        if name in points:
            yield name.removesuffix(assignments.CHECK), *points[name], (
                wrong or in_one_line(since))
            since = []


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
