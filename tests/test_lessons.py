"""The lessons: executed, true to the module, well formed, and compared by nbval."""
import ast
import json
import os
import re
import subprocess
import sys
import time
import uuid
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
NAMES = [path.stem for path in LESSONS]
OPENING = '''try:
    import d2l_bn
except ModuleNotFoundError:  # on Colab: install MXNet and the course, which lies one folder up
    %pip install --quiet --no-deps mxnet==1.9.1 d2lzh==1.0.0 ..
    import d2l_bn'''  # noqa: E501
# Folders of whoever ran a lesson, and addresses of machines.
PRIVATE = re.compile(r"/(root|home|tmp|work|usr|opt|Users)/|127\.0\.0\.1|localhost")

every_lesson = pytest.mark.parametrize("path", LESSONS, ids=NAMES)


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def processes_marked(mark):
    """The ids of the processes in whose environment the mark stands."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:  # it has ended, or belongs to somebody else
            pass
    return found


def left_behind(mark, seconds=10):
    """As processes_marked, once those that are about to end have had the time to."""
    until = time.monotonic() + seconds
    while (found := processes_marked(mark)) and time.monotonic() < until:
        time.sleep(.2)
    return found


def nbval(path, report):
    """Run nbval strictly on one notebook; its counts, and what it printed.

    Whatever the notebook starts must have ended with it.
    """
    mark = uuid.uuid4().hex
    environment = os.environ | {"TQDM_DISABLE": "1", "PYTEST_ADDOPTS": "",
                                "STARTED_BY_TEST": mark}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env",
         "--nbval-cell-timeout=1500", "-p", "no:cacheprovider", "--color=no",
         "--rootdir", path.parent, f"--junit-xml={report}", path],
        env=environment, capture_output=True, text=True, timeout=1700)
    suite = ElementTree.parse(report).getroot().find("testsuite")
    counts = {name: int(suite.get(name))
              for name in ("tests", "failures", "errors", "skipped")}
    assert not left_behind(mark)
    return counts, done.stdout + done.stderr


@pytest.mark.timeout(1800)
@every_lesson
def test_fresh_run_gives_the_stored_outputs(path, tmp_path):
    counts, printed = nbval(path, tmp_path / "report.xml")
    # When a kernel dies nbval only marks the rest as expected failures: "skipped" here.
    assert counts == {"tests": len(code_cells(read(path))), "failures": 0, "errors": 0,
                      "skipped": 0}, printed[-6000:]


@pytest.fixture
def short_lesson(tmp_path):
    """A lesson's first cells, up to the first that prints, and where to write them."""
    notebook = read(LESSONS[0])
    prints = [any(output.output_type == "stream" for output in cell.get("outputs", []))
              for cell in notebook.cells]
    notebook.cells = notebook.cells[:prints.index(True) + 1]
    return notebook, tmp_path / "short.ipynb"


def test_nbval_passes_the_short_lesson(short_lesson, tmp_path):
    notebook, path = short_lesson
    nbformat.write(notebook, path)
    counts, printed = nbval(path, tmp_path / "report.xml")
    assert counts["tests"] > 0 and counts["failures"] == 0, printed


def test_nbval_fails_a_corrupted_output(short_lesson, tmp_path):
    notebook, path = short_lesson
    output = notebook.cells[-1].outputs[0]
    output.text = output.text.replace(output.text[-2], "#")
    nbformat.write(notebook, path)
    counts, printed = nbval(path, tmp_path / "report.xml")
    assert counts["failures"] == 1, printed


def test_nbval_fails_a_false_hidden_assert(short_lesson, tmp_path):
    notebook, path = short_lesson
    cell = nbformat.v4.new_code_cell("assert 1 + 1 == 3", execution_count=99)
    notebook.cells.append(cell)
    nbformat.write(notebook, path)
    counts, printed = nbval(path, tmp_path / "report.xml")
    assert counts["failures"] == 1, printed


def test_a_process_left_behind_is_found(short_lesson, tmp_path):
    notebook, path = short_lesson
    notebook.cells.append(nbformat.v4.new_code_cell(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '30'], start_new_session=True)",
        execution_count=99))
    nbformat.write(notebook, path)
    with pytest.raises(AssertionError, match="left_behind"):
        nbval(path, tmp_path / "report.xml")


@every_lesson
def test_lesson_is_executed_from_first_to_last_cell(path):
    cells = code_cells(read(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not any(output.output_type == "error" for cell in cells
                   for output in cell.outputs)
    assert sum(bool(cell.outputs) for cell in cells) > 5, "outputs were stripped"


@every_lesson
def test_outputs_hold_no_warning_folder_or_address(path):
    for cell in code_cells(read(path)):
        for output in cell.outputs:
            assert output.get("name") != "stderr", output
            text = output.get("text", "") + json.dumps(output.get("data", {}).get(
                "text/plain", ""))
            assert not PRIVATE.search(text), text


@every_lesson
def test_every_figure_has_alt_text(path):
    for cell in code_cells(read(path)):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                assert len(output.metadata["image/png"].get("alt", "")) > 60
            assert "image/svg+xml" not in output.get("data", {})


@every_lesson
def test_lesson_has_the_agreed_parts(path):
    notebook = read(path)
    text = "\n".join(cell.source for cell in notebook.cells
                     if cell.cell_type == "markdown")
    head = notebook.cells[0].source
    assert re.match(rf"# {path.name[:2]} · [A-Z]", head)
    for part in ("What you will do", "What you will learn", "What you need"):
        assert f"**{part}**" in head
    for part in ("## What we have seen", "## Exercises", "## What to read"):
        assert part in text
    assert len(re.findall(r"^### Exercise \d", text, re.M)) >= 3
    assert code_cells(notebook)[0].source == OPENING
    assert path.stat().st_size < 1_500_000


@every_lesson
def test_links_between_lessons_lead_somewhere(path):
    position = NAMES.index(path.stem)
    foot = read(path).cells[-1].source
    for neighbour in NAMES[max(position - 1, 0):position + 2]:
        assert neighbour == path.stem or f"({neighbour}.ipynb)" in foot
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", cell.source):
                assert (path.parent / target).exists(), target


def definitions(source):
    """name -> the code of each function and class, without docstrings and layout."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            for inner in ast.walk(node):
                if isinstance(inner, (ast.FunctionDef, ast.ClassDef)) \
                        and ast.get_docstring(inner) is not None:
                    inner.body = inner.body[1:]
            found[node.name] = ast.dump(node)
    return found


SAVED = [(path, cell.source) for path in LESSONS for cell in code_cells(read(path))
         if "#@save" in cell.source]


@pytest.mark.parametrize("path, source", SAVED, ids=[path.stem for path, _ in SAVED])
def test_saved_cell_is_the_code_of_the_module(path, source):
    module = {name: (file.name, code) for file in (ROOT / "d2l_bn").glob("*.py")
              for name, code in definitions(file.read_text()).items()}
    shown = definitions(source)
    assert shown
    for name, code in shown.items():
        assert name in module, f"{name} of {path.name} is not in d2l_bn"
        file, stored = module[name]
        assert code == stored, f"{name} differs between {path.name} and {file}"


def test_what_lessons_build_is_saved():
    shown = {name for _, source in SAVED for name in definitions(source)}
    assert shown >= {"batch_norm", "normalise", "BatchNorm", "lenet",
                     "train", "evaluate_accuracy"}


def test_readme_quotes_the_main_result_as_measured():
    notebook = read(ROOT / "notebooks" / "05_train_lenet_with_and_without.ipynb")
    [table] = [cell.outputs[0].text for cell in code_cells(notebook)
               if "main-result" in tags(cell)]
    assert table.strip() in (ROOT / "README.md").read_text()
