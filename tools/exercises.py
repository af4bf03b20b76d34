"""Write each lesson's "Exercises" from notebooks/solutions/, the one source of both.

    python tools/exercises.py         the lessons, and the table docs/exercises.md
    python tools/exercises.py --list  what would change, without writing

A solutions notebook holds, for each exercise, cells with the tag "exercise": the
statement with its hints, perhaps code to run, and last the code that ends with the
check and has the solution between nbgrader's markers; then an explanation without the
tag. The lesson gets the tagged cells, with dots in place of the solution.
"""
import itertools
import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "notebooks"
SOLUTIONS = LESSONS / "solutions"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = "...  # your code here"
TITLE = "## Exercises"
OPENING = TITLE + """

Each exercise ends with its check: run the cell, and it says what is right, what is not, and which mistake fits. The hints unfold. [The solutions]({solutions}) explain the answers and the wrong ways."""  # noqa: E501
FIRST_CODE = "from d2l_bn import check"
# The line below a title: *recall · easy · 3 minutes*
LABELS = re.compile(r"(?m)^\*(recall|use|diagnosis|design) · (easy|medium|hard) · "
                    r"(\d+) minutes\*$")


class Exercise:
    """One exercise: its cells, and what its labels and its check say."""

    def __init__(self, lesson, cells):
        self.lesson, self.cells = lesson, cells
        self.statement, self.code = cells[0].source, cells[-1].source
        self.title = self.statement.split("\n")[0].lstrip("# ")
        labels = LABELS.search(self.statement)
        self.kind, self.difficulty, self.minutes = (labels.groups() if labels
                                                    else ("", "", ""))
        called = re.findall(r"(?m)^check\.(lesson\d\d)\.(\w+)\(", self.code)
        self.check = ".".join(called[-1]) if called else ""

    def stub(self):
        """The code as the learner gets it."""
        return stub(self.code)

    def text(self):
        """The statement without title, labels and hints: what has to be read."""
        body = re.sub(r"<details>.*?</details>", "", self.statement, flags=re.S)
        return LABELS.sub("", body.partition("\n")[2]).strip()


def stub(code):
    """Code with dots in place of each solution; at the left edge with nothing.

    There a line such as `eps = None` stands above the solution, and is the stub.
    """
    region = re.compile(rf"(?ms)^( *){BEGIN}\n.*?^ *{END}(?:\n|$)")
    return region.sub(lambda found: found[1] + STUB + "\n" if found[1] else "",
                      code).rstrip("\n")


def solutions():
    """The solutions notebooks, one a lesson."""
    return sorted(SOLUTIONS.glob("[0-9]*.ipynb"))


def is_part(cell):
    return "exercise" in cell.metadata.get("tags", [])


def setup(path):
    """The cells of a solutions notebook that stand before its first exercise."""
    return list(itertools.takewhile(lambda cell: not is_part(cell),
                                    nbformat.read(path, as_version=4).cells))


def exercises(path):
    """The exercises of a solutions notebook, in order: each begins with its text."""
    groups = []
    for cell in filter(is_part, nbformat.read(path, as_version=4).cells):
        if cell.cell_type == "markdown":
            groups.append([])
        groups[-1].append(cell)
    return [Exercise(path.stem, cells) for cells in groups]


def copied(cell, name):
    """The cell as the lesson `name` has it: links from there, dots, its other tags."""
    if cell.cell_type == "markdown":
        return new_markdown_cell(cell.source.replace(f"(../{name}#", "(#")
                                 .replace("](../", "]("))
    copy = new_code_cell(stub(cell.source), metadata=dict(cell.metadata))
    copy.metadata["tags"] = [tag for tag in cell.metadata["tags"] if tag != "exercise"]
    return copy


def section(path):
    """The cells of the lesson's section, without outputs."""
    name = path.name
    cells = [new_markdown_cell(OPENING.format(solutions=f"solutions/{name}")),
             new_code_cell(FIRST_CODE)]
    for exercise in exercises(path):
        cells += [copied(cell, name) for cell in exercise.cells]
    for number, cell in enumerate(cells):
        if cell.metadata.get("tags") == []:
            del cell.metadata["tags"]
        cell["id"] = f"exercises-{number:02}"
    return cells


def place(notebook):
    """Where the section begins and ends: two indices of cells."""
    titles = [i for i, cell in enumerate(notebook.cells)
              if cell.cell_type == "markdown" and cell.source.startswith("## ")]
    end = len(notebook.cells)
    start = next((i for i in titles if notebook.cells[i].source.startswith(TITLE)), end)
    return start, next((i for i in titles if i > start), end)


def renewed(notebook, cells):
    """The lesson with the section's cells; code that is the same keeps its output."""
    start, end = place(notebook)
    old = {cell.source: cell for cell in notebook.cells[start:end]
           if cell.cell_type == "code"}
    for cell in cells:
        if cell.cell_type == "code" and cell.source in old:
            cell.outputs = old[cell.source].outputs
            cell.execution_count = old[cell.source].execution_count
    notebook.cells[start:end] = cells
    return notebook


def is_current(notebook, cells):
    start, end = place(notebook)
    return [(cell.cell_type, cell.source) for cell in notebook.cells[start:end]] == [
        (cell.cell_type, cell.source) for cell in cells]


def recognised(exercise):
    """The mistakes that the exercise's check knows by name."""
    # Here, since the environment that marks has this module and no MXNet.
    from d2l_bn import check
    module, _, name = exercise.check.partition(".")
    return getattr(getattr(check, module), name)(None).recognised


def table(all_exercises):
    """docs/exercises.md: every exercise of the course, and what goes wrong in it."""
    lines = ["# The exercises", "",
             f"{len(all_exercises)} exercises, each with a check, two hints and a "
             "solution. The table is written by `make notebooks`.", "",
             "| lesson | exercise | kind | difficulty | minutes | check "
             "| mistakes it names |", "|---|---|---|---|---|---|---|"]
    mistakes = ["", "## What goes wrong, by exercise", "",
                "What each check tells a learner whose answer does the same."]
    for exercise in all_exercises:
        known = recognised(exercise)
        lesson, title = exercise.lesson[:2], exercise.title.partition(": ")[2]
        lines.append(f"| {lesson} | {title} | {exercise.kind} | {exercise.difficulty} "
                     f"| {exercise.minutes} | `{exercise.check}` | {len(known)} |")
        mistakes += ["", f"**{lesson}, {title}**", "", *[f"- {text}" for text in known]]
    return "\n".join(lines + mistakes) + "\n"


def main(arguments):
    found = []
    for path in solutions():
        lesson = LESSONS / path.name
        notebook, cells = nbformat.read(lesson, as_version=4), section(path)
        found += exercises(path)
        if not is_current(notebook, cells):
            print(f"{lesson.name}: the exercises are not those of the solutions")
            if "--list" not in arguments:
                nbformat.write(renewed(notebook, cells), lesson)
    if "--list" not in arguments:
        (ROOT / "docs" / "exercises.md").write_text(table(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
