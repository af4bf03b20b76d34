"""tools/opening.py: one cell opens every notebook, from one template and one address.

What the cell does where the course is not installed: test_opened_alone.py.
"""
from pathlib import Path

from d2l_bn import place_programs

import nbformat
import opening
import pytest
from folders import content
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from packaging.requirements import Requirement
from test_project import PROJECT

ROOT = Path(__file__).resolve().parent.parent
PATHS = opening.notebooks()
NAMES = [str(path.relative_to(ROOT / "notebooks").with_suffix("")) for path in PATHS]
ADDRESS = opening.read_address(ROOT / "pyproject.toml")
PAGE = "https://github.com/OWNER/NAME"


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_every_notebook_opens_with_the_cell(path):
    assert opening.is_current(nbformat.read(path, as_version=4), ADDRESS), (
        "python tools/opening.py writes it")


def test_readme_has_the_way_into_a_browser():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert opening.renewed_readme(text, ADDRESS) == text


def test_cell_is_short_and_imports_nothing_where_the_course_is_there():
    lines = opening.opening(new_notebook(), ADDRESS).splitlines()
    assert len(lines) <= 16
    assert not any(line.lstrip().startswith("import d2l_bn") for line in lines)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_lesson_imports_the_course_where_it_is_read(path):
    """Unfolded, and before what needs it."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells
             if cell.cell_type == "code"]
    lines = "\n".join(cell.source for cell in cells[1:]).splitlines()
    needs = [i for i, line in enumerate(lines)
             if line.startswith(("import mxnet", "from mxnet", "import d2lzh"))]
    assert lines.index("import d2l_bn  # first: it makes MXNet importable") < needs[0]


def test_cell_installs_what_the_package_needs_and_extras_what_they_name():
    needed = {Requirement(text).name for text in PROJECT["dependencies"]}
    pinned = {"mxnet", "d2lzh"}
    with_a_kernel = {"ipython", "matplotlib-inline"}
    assert set(opening.PACKAGES.split()) == needed - pinned - with_a_kernel
    for name in pinned:
        [pin] = [text for text in PROJECT["dependencies"] if text.startswith(name)]
        assert f" {pin}" in opening.CELL
    extras = PROJECT["optional-dependencies"]
    assert set(" ".join(opening.EXTRAS.values()).split()) == {
        Requirement(text).name for text in extras["ship"] + extras["modern"]}


@pytest.mark.parametrize("line, packages", [
    ("import onnxruntime as ort", "onnx onnxruntime"),
    ("def f():\n    from sklearn.datasets import load_digits", "scikit-learn"),
    ('sys.modules["sklearn"] = None', None), ("import sklearnex", None)])
def test_cell_installs_what_only_this_notebook_imports(line, packages):
    plain = opening.opening(new_notebook(), "")
    more = opening.opening(new_notebook(cells=[new_code_cell(line)]), "")
    assert more.removeprefix(plain).endswith(
        f"%pip install --quiet {packages}" if packages else "")
    assert (more == plain) is (packages is None)


def test_address_stands_in_one_place():
    with_address = opening.opening(new_notebook(), PAGE)
    assert f'\nCOURSE = "git+{PAGE}"  # ' in with_address
    without = opening.opening(new_notebook(), "")
    assert with_address.replace(f"git+{PAGE}", "") == without


@pytest.mark.parametrize("address, is_right", [
    ("", True), (PAGE, True), ("https://codeberg.org/a.b/c-d", True),
    ("github.com/OWNER/NAME", False), (PAGE + "/", False), (PAGE + ".git", False),
    ("git+" + PAGE, False), ("https://github.com", False), (PAGE + '"', False)])
def test_address_is_a_page_or_empty(tmp_path, address, is_right):
    file = tmp_path / "pyproject.toml"
    file.write_text(f"[tool.course]\naddress = '{address}'\n")
    if is_right:
        assert opening.read_address(file) == address
    else:
        with pytest.raises(SystemExit) as error:
            opening.read_address(file)
        assert repr(address) in str(error.value) and "OWNER/NAME" in str(error.value)


def test_readme_links_every_lesson_on_colab_and_all_on_binder():
    text = opening.browser(PAGE)
    for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        assert f"/github/OWNER/NAME/blob/main/notebooks/{path.name})" in text
    assert "mybinder.org/v2/gh/OWNER/NAME/HEAD" in text
    elsewhere = opening.browser("https://codeberg.org/OWNER/NAME")
    assert "<https://codeberg.org/OWNER/NAME>" in elsewhere and "](" not in elsewhere


def test_readme_stays_short_when_the_course_gets_an_address():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(opening.renewed_readme(text, PAGE).split()) <= 700  # test_project.py


def test_readme_without_the_comments_is_refused():
    for text in ("# Title", f"{opening.END}\n{opening.BEGIN}"):
        with pytest.raises(SystemExit, match="README.md must hold <!-- browser -->"):
            opening.renewed_readme(text, "")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A small course: a lesson without an opening cell, a README without its text."""
    (tmp_path / "notebooks").mkdir()
    cell = new_code_cell("print(1)", execution_count=1,
                         outputs=[new_output("stream", text="1\n")])
    nbformat.write(new_notebook(cells=[new_markdown_cell("# 01"), cell]),
                   tmp_path / "notebooks" / "01_made_up.ipynb")
    (tmp_path / "README.md").write_text(f"a\n{opening.BEGIN}\n{opening.END}\nb\n")
    (tmp_path / "pyproject.toml").write_text(f'[tool.course]\naddress = "{PAGE}"\n')
    monkeypatch.setattr(opening, "ROOT", tmp_path)
    return tmp_path


def test_list_says_what_would_change_and_writes_nothing(course, capsys):
    before = content(course)
    opening.main(["--list"])
    assert content(course) == before
    printed = capsys.readouterr().out
    assert "notebooks/01_made_up.ipynb: " in printed and "README.md: " in printed


def test_cell_is_written_once_outputs_stay_and_a_new_address_takes_its_place(course):
    opening.main([])
    once = content(course)
    opening.main([])
    assert content(course) == once
    pyproject = course / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("OWNER", "OTHER"))
    opening.main([])
    [path] = (course / "notebooks").iterdir()
    head, first, kept = nbformat.read(path, as_version=4).cells
    assert head.source == "# 01" and kept.outputs[0].text == "1\n"
    assert '\nCOURSE = "git+https://github.com/OTHER/NAME"' in first.source
    readme = (course / "README.md").read_text()
    assert "OTHER" in readme and "OWNER" not in readme
    assert readme.startswith("a\n<!--") and readme.endswith("-->\nb\n")


def programs(folder):
    return {path.name: path.read_text() for path in folder.glob("*.py")}


def test_programs_are_placed_where_they_are_missing_and_else_left_alone(tmp_path):
    """From a clone here; from an installed course in test_opened_alone.py."""
    folder = place_programs(tmp_path / "programs")
    assert programs(folder) == programs(ROOT / "notebooks" / "programs") != {}
    (folder / "worker.py").write_text("mine")
    assert programs(place_programs(folder))["worker.py"] == "mine"
