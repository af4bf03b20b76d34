"""Complete the class's copy: the exercises to hand in, and no way to the solutions.

    python tools/student.py FOLDER   started by `make student`, which copies the lessons
"""
import re
import shutil
import sys
import tempfile
from pathlib import Path

import assignments
import nbformat

SOLUTIONS = re.compile(r"\[The solutions\]\(solutions/(\d\d)_\w+\.ipynb\)[^.\n]*\.")
HAND_IN = (r"To hand in your answers, write them into "
           r"[the notebook of the exercises](exercises/\1_exercises.ipynb).")


def without_solutions(text):
    """A lesson's Markdown with the notebook to hand in instead of the solutions."""
    return SOLUTIONS.sub(HAND_IN, text)


def main(folder):
    for path in folder.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = without_solutions(cell.source)
        nbformat.write(notebook, path)
    (folder / "exercises").mkdir()
    with tempfile.TemporaryDirectory() as course:
        for path in assignments.release(Path(course)).values():
            shutil.copy(path, folder / "exercises")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
