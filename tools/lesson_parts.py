"""What a lesson holds, as the rules for readable lessons count it."""
import ast
import dis
import inspect
import re

import nbformat
from exercises import LABELS, place
from IPython.core.inputtransformer2 import TransformerManager


def tags(cell):
    return cell.metadata.get("tags", [])


def folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def without_exercises(notebook):
    """The lesson that is read; exercises have minutes of their own."""
    start, end = place(notebook)
    return nbformat.v4.new_notebook(cells=notebook.cells[:start] + notebook.cells[end:])


def exercise_minutes(notebook):
    """What the exercises' labels say together: *use · easy · 5 minutes*."""
    return sum(int(labels[2]) for text in markdown(notebook)
               for labels in LABELS.findall(text))


def is_check(cell):
    return "remove-cell" in tags(cell)


def lines(source):
    """Lines that hold something."""
    return [line for line in source.splitlines() if line.strip()]


def tree(cell):
    """The cell as Python reads it: IPython has made its magics into calls."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


def first_line(cell):
    return cell.source.split("\n")[0]


def prose(text):
    """Markdown as it is read aloud: a formula is one word, links are their text."""
    text = re.sub(r"```.*?```", " ", text, flags=re.S)
    text = re.sub(r"\$\$.+?\$\$|\$[^$\n]+\$", "FORMULA", text, flags=re.S)
    text = re.sub(r"</?[a-z][^>]*>", " ", text)  # HTML, not the sign in `a < b`
    return re.sub(r"\]\([^)]*\)", "]", text)


def num_words(text):
    """As `wc -w` counts."""
    return len(text.split())


def sentences(text):
    """Sentences as they are read aloud, which a colon or a semicolon ends too.

    Tables are left out; each heading and each line of a list begins anew.
    """
    text = "\n".join("" if line.lstrip().startswith("|") else line
                     for line in prose(text).splitlines())
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|#+|\d+\.)\s)", text):
        yield from re.split(r"(?<=[.!?:;])[)*\"”]*\s+", " ".join(block.split()))


def visible_lines(notebook):
    """Lines of code that the reader meets unfolded."""
    return sum(len(lines(cell.source)) for cell in code_cells(notebook)
               if not folded(cell) and not is_check(cell))


def minutes(notebook):
    """Reading time: 100 words or 15 lines of code a minute, to the nearest 5.

    Without the exercises.
    """
    notebook = without_exercises(notebook)
    words = sum(map(num_words, markdown(notebook)))
    return 5 * round((words / 100 + visible_lines(notebook) / 15) / 5)


def anchors(notebook):
    """The ids that JupyterLab and nbconvert give the headings, from their bare text."""
    return {re.sub(r"[`*]", "", heading.strip()).replace(" ", "-")
            for text in markdown(notebook)
            for heading in re.findall(r"(?m)^#+ (.+)$", text)}


def names(code, nested=False):
    """(name, whether it is assigned) in the order in which a cell's code does it.

    Names that belong to a function, a class or a comprehension are left out.
    """
    of_class = set()
    for step in dis.get_instructions(code):
        if inspect.iscode(step.argval):
            yield from names(step.argval, nested=True)
        elif step.opname == "STORE_NAME" and nested:
            of_class.add(step.argval)
        elif step.opname in ("STORE_NAME", "STORE_GLOBAL"):
            yield step.argval, True
        elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and (
                step.argval not in of_class):
            yield step.argval, False
