"""The notebooks and texts as the site shows them; the originals stay as they are.

Used by tools/build_site.py. A page is named by its path in the repository without the
suffix, as Sphinx names it: `notebooks/05_train_lenet_with_and_without`.
"""
import os
import posixpath
import re
from fnmatch import fnmatch

from exercises import BEGIN, END, is_part
from nbformat.v4 import new_markdown_cell

# Caption -> patterns of pages, in the order of reading; a page belongs where it comes
# first. Every text in docs/ has a place, whoever adds it.
CONTENTS = (
    ("Core", ("notebooks/0[1-7]_*",)),
    ("Deeper", ("notebooks/0[89]_*", "notebooks/10_*")),
    ("Practice", ("notebooks/1[1-4]_*",)),
    ("To look up", ("measured", "notebooks/appendix_*", "notebooks/solutions/index",
                    "notebooks/programs/index", "reference/index")),
    ("For teachers", ("docs/teaching", "docs/marking", "docs/exercises",
                      "docs/class_server")),
    ("For engineers", ("docs/settings", "docs/gpu", "docs/*")),
    ("The project", ("CONTRIBUTING", "CHANGELOG")),
)
LINK = re.compile(r"\]\((?![a-z]+:)([^)\s#]+)(#[^)\s]*)?\)")
MINUTES = re.compile(r"About (\d+) minutes to read, (\d+) for the exercises")
BOLD = re.compile(r"\*\*(.+?)\*\*", re.S)
SOLUTION = '<details class="solution"><summary>The solution</summary>'


def anchor(title):
    """What Jupyter calls a heading, so that the lessons' links to sections hold."""
    return title.replace(" ", "-")


def pictures_described(cell):
    """Put the alternative text where MyST-NB looks for it: with the cell."""
    found = [output.metadata.get("image/png", {}).get("alt")
             for output in cell.outputs if "image/png" in output.get("data", {})]
    if len(found) > 1 or None in found:
        raise ValueError(f"cell {cell.id} shows {len(found)} pictures with the texts "
                         f"{found}; the site needs one, with a text: use d2l_bn.show")
    if found:
        cell.metadata["mystnb"] = {"image": {"alt": found[0]}}


def lesson_page(notebook):
    """Describe the pictures; MyST-NB knows the tags remove-cell and hide-input."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            pictures_described(cell)
    return notebook


def solutions_page(notebook):
    """As a lesson's page, with each solution and its explanation folded."""
    notebook, cells, open_ = lesson_page(notebook), [], False
    for cell in notebook.cells:
        begins = is_part(cell) and cell.cell_type == "markdown"
        if begins:
            # No level is left out below the page's title.
            cell.source = re.sub(r"(?m)^### ", "## ", cell.source)
        if begins and open_:
            cells.append(new_markdown_cell("</details>"))
            open_ = False
        if is_part(cell) and cell.cell_type == "code" and BEGIN in cell.source:
            cell.source = re.sub(rf"(?m)^ *({BEGIN}|{END})\n?", "", cell.source)
            if not open_:
                cells.append(new_markdown_cell(SOLUTION))
                open_ = True
        cells.append(cell)
    if open_:
        cells.append(new_markdown_cell("</details>"))
    notebook.cells = cells
    return notebook


def relinked(text, source, page, pages, root, address):
    """The text with links that hold where the page stands.

    source, page: the paths of the text and of its page, from the repository's root.
    A file that has a page is linked to it, another one to the course's address, if it
    is set. What is not there at all stays, and Sphinx reports it.
    """
    def link(found):
        target, place = found[1], found[2] or ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        path = {"README.md": "index.md", "docs/index.md": "index.md"}.get(path, path)
        if path.rsplit(".", 1)[0] in pages or path.startswith("images/"):
            path = posixpath.relpath(path, posixpath.dirname(page) or ".")
            return f"]({path}{place})"
        if (root / path).exists() and address:
            return f"]({address}/blob/main/{path}{place})"
        if (root / path).exists():
            return f"] (`{path}`)"
        return found[0]

    # A link without a target is the text in brackets; without them it reads as text.
    return re.sub(r"\[([^\]]*)\] \((`[^`]*`)\)", r"\1 (\2)", LINK.sub(link, text))


def heading(notebook):
    """What a lesson's head says: the title, the question, the minutes."""
    first = notebook.cells[0].source
    question, minutes = BOLD.search(first), MINUTES.search(first)
    return (first.split("\n")[0].lstrip("# "), question[1] if question else "",
            f"{minutes[1]} + {minutes[2]}" if minutes else "")


def tracks(pages, headings):
    """The lessons as one table a track, each with its question."""
    lines = []
    for caption, patterns in CONTENTS[:3]:
        lines += ["", f"### {caption}", "",
                  "| lesson | its question | minutes: read + exercises |",
                  "|---|---|---|"]
        for name in matching(pages, patterns):
            title, question, minutes = headings[name]
            lines.append(f"| [{title}]({name}.ipynb) | {question} | {minutes} |")
    return "\n".join(lines)


def matching(pages, patterns):
    """The pages that fit the patterns, in the patterns' order and each once."""
    names = [name for pattern in patterns for name in sorted(pages)
             if fnmatch(name, pattern)]
    return list(dict.fromkeys(names))


def contents(pages):
    """The hidden table of contents: what stands at the side, and previous and next."""
    blocks, taken = [], {"index"}
    for caption, patterns in CONTENTS:
        names = [name for name in matching(pages, patterns) if name not in taken]
        taken.update(names)
        if names:
            blocks += ["```{toctree}", ":hidden:", f":caption: {caption}", "",
                       *names, "```", ""]
    return "\n".join(blocks)


def listing(title, text, names):
    """A page that leads to others of its folder."""
    return "\n".join([f"# {title}", "", text, "", "```{toctree}", ":maxdepth: 1", "",
                      *names, "```", ""])


def programs_page(paths):
    """The programs that lesson 12 starts, one below the other."""
    parts = ["# The programs of lesson 12", "", "[Lesson 12](../12_use_many_devices"
             ".ipynb) starts them, each as a process of its own.", ""]
    for path in paths:
        parts += [f"## {path.name}", "", "```python", path.read_text("utf-8").rstrip(),
                  "```", ""]
    return "\n".join(parts)


def written(path, text):
    """Write the text, with the folders that it needs."""
    os.makedirs(path.parent, exist_ok=True)
    path.write_text(text, encoding="utf-8")
