"""A hand-in as a notebook: completed before it is marked, and read when it is.

Nothing here needs nbgrader.
"""
import nbformat
from assignments import CHECK
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

RIGHT = "✓ Right"
SIGNS = ("✓", "○", "✗")  # how the first line of a verdict begins
LONGEST = 600  # characters of a line in the table


def key(cell):
    """What a cell is known by, also after a program that has dropped the metadata."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id")


def is_solution(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def completed(released, handed_in):
    """The assignment as released, with the learner's answers and added cells.

    No check or set-up is missing, changed or out of order then. An added cell stays
    behind the one that it followed. An answer's cell that is gone stays away: the
    answer may stand in an added cell, and the stub would undo it.
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


def stopped(name, what):
    return new_output("error", ename=name, evalue=what, traceback=[f"{name}: {what}"])


def keep_verdict(cell):
    """Leave the verdict and errors of a check; make silence an error.

    nbgrader reads points from other outputs, and takes a warning for a failure.
    """
    cell.outputs = [output for output in cell.outputs if output.output_type == "error"
                    or output.get("name") == "stdout"]
    for output in cell.outputs:
        if output.output_type == "error":  # without the lines of the check's cell
            output.traceback = [f"{output.ename}: {output.evalue}"]
            return
    printed = "".join(output.text for output in cell.outputs).rstrip()
    if not printed.splitlines()[-1:] or not printed.splitlines()[-1].startswith(RIGHT):
        cell.outputs.append(stopped("Stopped", "the check gave no verdict"))


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
            yield name.removesuffix(CHECK), *map(int, points[name]), (
                wrong or in_one_line(since))
            since = []
