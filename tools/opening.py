"""Write the cell that opens each notebook, and the README's way into a browser.

    python tools/opening.py         all notebooks, and README.md
    python tools/opening.py --list  what would change, without writing

The course's address is `address` of [tool.course] in pyproject.toml: its page on the
web, such as "https://github.com/OWNER/NAME"; empty while it has none.
"""
import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it on Python 3.10

ROOT = Path(__file__).resolve().parent.parent
# Folded, and without effect where the course is installed: lessons begin with the next.
# JupyterLab shows the first line of what is folded.
LOOKS = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
# pip takes what is there already, whatever its version. MXNet's own metadata would
# have it replace NumPy 2. The course comes last: if it is there, so is the rest.
# A kernel brings IPython along.
CELL = '''# Where the course is not installed, as on Colab, this cell installs it.
import importlib.util
import pathlib
import sys

COURSE = "{course}"  # where this notebook is alone: "git+https://..." or a folder
if not importlib.util.find_spec("d2l_bn"):
    for folder in pathlib.Path.cwd().parents:  # is this notebook in a clone?
        COURSE = folder if (folder / "d2l_bn/compat.py").exists() else COURSE
    if not COURSE or not importlib.util.find_spec("pip"):
        raise ImportError(f"No pip; type: uv pip install --python {{sys.executable}} pip"
                          if COURSE else "Unfold this cell, and write the course's address "
                          "or its folder after COURSE =.")
    %pip install --quiet {packages}
    %pip install --quiet --no-deps mxnet==1.9.1 d2lzh==1.0.0
    %pip install --quiet --no-deps "{{COURSE}}"'''  # noqa: E501
PACKAGES = "loky matplotlib numpy psutil requests setuptools tqdm"
EXTRA = '''
if not importlib.util.find_spec("{module}"):
    %pip install --quiet {packages}'''
# What only some notebooks import: module -> packages.
EXTRAS = {"onnxruntime": "onnx onnxruntime", "sklearn": "scikit-learn"}

GITHUB = "https://github.com/"  # Colab and Binder open notebooks from there
BEGIN, END = "<!-- browser -->", "<!-- /browser -->"
NO_ADDRESS = (
    "**In the browser.** Each notebook runs alone on Colab: write the course's address "
    "into its first cell, or once for all into `pyproject.toml` "
    "([how](docs/machines.md#in-the-browser)).")
BADGES = (
    "[![Open lesson 01 in Colab](https://colab.research.google.com/assets/"
    "colab-badge.svg)]({colab}/{first}) "
    "[![Open all on Binder](https://mybinder.org/badge_logo.svg)]"
    "(https://mybinder.org/v2/gh/{name}/HEAD?urlpath=lab/tree/notebooks)")


def read_address(path):
    """The course's address, or ""."""
    tools = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]
    address = tools["course"]["address"]
    if address and not re.fullmatch(r"https://[\w.-]+(/[\w.~-]+)+(?<!\.git)", address):
        sys.exit(f"[tool.course] of {path.name} has the address {address!r}. Expected "
                 'is one like "https://github.com/OWNER/NAME", or "".')
    return address


def opening(notebook, address):
    """The source of the cell that opens this notebook."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    course = f"git+{address}" if address else ""
    return CELL.format(course=course, packages=PACKAGES) + "".join(
        EXTRA.format(module=module, packages=packages)
        for module, packages in EXTRAS.items()
        if re.search(rf"(?m)^ *(import|from) {module}\b", code))


def is_opening(cell):
    return "\nCOURSE = " in "\n" + cell.source


def place(notebook):
    """The index of the first code cell, and whether it is an opening one."""
    first = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    return first, is_opening(notebook.cells[first])


def is_current(notebook, address):
    cell = notebook.cells[place(notebook)[0]]
    return cell.source == opening(notebook, address) and cell.metadata == LOOKS


def renewed(notebook, address):
    """The notebook with its opening cell; all outputs are kept."""
    source = opening(notebook, address)
    first, is_there = place(notebook)
    if not is_there:
        notebook.cells.insert(first, new_code_cell(id="opening"))
    notebook.cells[first].source = source
    notebook.cells[first].metadata = nbformat.from_dict(LOOKS)
    return notebook


def browser(address):
    """The README's text between the two comments."""
    if not address:
        return NO_ADDRESS
    if not address.startswith(GITHUB):
        return f"**In the browser.** Upload a notebook of <{address}> to Colab; run it."
    name = address.removeprefix(GITHUB)
    colab = f"https://colab.research.google.com/github/{name}/blob/main/notebooks"
    lessons = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    links = " ".join(f"[{path.stem[:2]}]({colab}/{path.name})" for path in lessons)
    return (BADGES.format(colab=colab, first=lessons[0].name, name=name)
            + f"\n\nEach lesson on Colab: {links}")


def renewed_readme(text, address):
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"README.md must hold {BEGIN} and below it {END}, each once.")
    return f"{before}{begin}\n{browser(address)}\n{end}{after}"


def notebooks():
    folder = ROOT / "notebooks"
    return [*sorted(folder.glob("*.ipynb")), *sorted(folder.glob("solutions/*.ipynb"))]


def main(arguments):
    address, write = read_address(ROOT / "pyproject.toml"), "--list" not in arguments
    for path in notebooks():
        notebook = nbformat.read(path, as_version=4)
        if not is_current(notebook, address):
            print(f"{path.relative_to(ROOT)}: the opening cell is another")
            if write:
                nbformat.write(renewed(notebook, address), path)
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if (new := renewed_readme(text, address)) != text:
        print("README.md: the way into a browser is another")
        if write:
            readme.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
