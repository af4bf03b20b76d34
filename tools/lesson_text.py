"""Edit a lesson as Markdown: write it as text, and put the text back.

    python tools/lesson_text.py write 03 solutions/03   into build/text/
    python tools/lesson_text.py back 03                 from there into notebooks/
    python tools/lesson_text.py show FILE.ipynb         for `git diff` (CONTRIBUTING.md)

The notebook stays the one source: the text is a way to edit it, and is not kept by git.
What the text leaves as it is keeps its output; a code cell that it changes loses it.
"""
import argparse
import hashlib
import json
import sys
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

ROOT = Path(__file__).resolve().parent.parent
LESSONS, TEXTS = ROOT / "notebooks", ROOT / "build" / "text"
FORMAT = "md"  # editors colour it; tags stand on the fence of a cell
MADE_FROM = "made_from"  # in the text's header: the cells as they were then


def find(name):
    """The one notebook whose name begins so: 03, solutions/03, appendix."""
    found = sorted(LESSONS.glob(f"{name}*.ipynb"))
    if len(found) != 1:
        sys.exit(f"{name!r} begins the names of {len(found)} notebooks, not of one. "
                 "Name it as in: 03, solutions/03, appendix")
    return found[0]


def text_of(path):
    """Where the text of a notebook lies, and that place as it is told."""
    text = TEXTS / path.relative_to(LESSONS).with_suffix(f".{FORMAT}")
    return text, text.relative_to(ROOT)


def read(path):
    return nbformat.read(path, as_version=4)


def parts(notebook):
    """What an author writes: kinds, sources and metadata of the cells; no outputs."""
    return [(cell.cell_type, cell.source, dict(cell.metadata))
            for cell in notebook.cells]


def digest(notebook):
    text = json.dumps(parts(notebook), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def as_text(notebook):
    """The notebook's cells as Markdown, with what they are in its header."""
    copy = nbformat.v4.new_notebook(cells=notebook.cells, metadata={
        "jupytext": {"notebook_metadata_filter": MADE_FROM},
        MADE_FROM: digest(notebook)})
    return jupytext.writes(copy, fmt=FORMAT)


def from_text(text, notebook):
    """The notebook with the cells of the text, and how many outputs were lost.

    Not jupytext's own update: it keeps outputs of cells that were changed.
    """
    given, old = jupytext.reads(text, fmt=FORMAT).cells, notebook.cells
    merged, lost = [], sum(bool(cell.get("outputs")) for cell in old)
    same = SequenceMatcher(None, *([(cell.cell_type, cell.source) for cell in cells]
                                   for cells in (old, given)), autojunk=False)
    for kind, start, end, first, last in same.get_opcodes():
        for cell, before in zip_longest(given[first:last], old[start:end]):
            if cell and before and cell.cell_type == before.cell_type:
                cell = NotebookNode(before, source=cell.source, metadata=cell.metadata)
                if kind == "equal":
                    lost -= bool(cell.get("outputs"))
                elif cell.cell_type == "code":
                    cell.outputs, cell.execution_count = [], None
            if cell:
                merged.append(cell)
    return NotebookNode(notebook, cells=merged), lost


def write(name):
    """Write the text of a notebook, unless there is one with edits of its own."""
    path = find(name)
    text, place = text_of(path)
    if text.exists():
        there = jupytext.reads(text.read_text(encoding="utf-8"), fmt=FORMAT)
        if digest(there) != there.metadata.get(MADE_FROM):
            sys.exit(f"{place} has edits that are not in the notebook. Put them back "
                     f"(make untext LESSON={name}), or remove the file.")
    notebook = read(path)
    words = as_text(notebook)
    if parts(from_text(words, notebook)[0]) != parts(notebook):
        sys.exit(f"{path.name} has a cell that Markdown cannot hold (an empty one, or "
                 "one with a mark of jupytext's). Edit it in Jupyter.")
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text(words, encoding="utf-8")
    print(f"edit {place}, then: make untext LESSON={name}")


def back(name):
    """Put the text into the notebook, unless that has changed in the meantime."""
    path = find(name)
    text, place = text_of(path)
    if not text.exists():
        sys.exit(f"{place} is not there. Write it first: make text LESSON={name}")
    words, notebook = text.read_text(encoding="utf-8"), read(path)
    made_from = jupytext.reads(words, fmt=FORMAT).metadata.get(MADE_FROM)
    if made_from != digest(notebook):
        sys.exit(f"{path.name} has changed since {place} was written, which would undo "
                 f"that. Move it away, write a new one (make text LESSON={name}), and "
                 "make your edits there.")
    merged, lost = from_text(words, notebook)
    if parts(merged) == parts(notebook):
        print(f"{path.name}: nothing changed")
        return
    nbformat.write(merged, path)
    text.write_text(as_text(merged), encoding="utf-8")
    print(f"{path.name}: {lost} cells lost their output")
    if any(cell.cell_type == "code" and cell.execution_count is None
           for cell in merged.cells):
        number = path.stem.partition("_")[0]  # a lesson's solutions run with it
        print(f"execute it: make notebooks LESSON={number}")


def printed(output):
    """An output as lines to compare: its text; a figure by its hash and alt text."""
    data = output.get("data", {})
    if "image/png" in data:
        image = hashlib.sha256(data["image/png"].encode()).hexdigest()[:12]
        return f"figure {image}: {output.metadata.get('image/png', {}).get('alt', '')}"
    return output.get("text") or data.get("text/plain") or output.get("evalue", "")


def show(path):
    """Print a notebook with its outputs, as text that a diff can compare."""
    cells = []
    for cell in read(path).cells:
        outputs = [f"```output\n{printed(output).rstrip()}\n```"
                   for output in cell.get("outputs", [])]
        cells += [cell, *map(new_markdown_cell, outputs)]
    shown = nbformat.v4.new_notebook(cells=cells)
    print(jupytext.writes(shown, fmt=FORMAT).partition("\n---\n")[2].strip())


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("write", "back", "show"))
    parser.add_argument("names", nargs="+", metavar="NAME",
                        help="03, solutions/03; for show a file")
    given = parser.parse_args(arguments)
    for name in given.names:
        {"write": write, "back": back, "show": show}[given.what](name)


if __name__ == "__main__":
    main()
