"""The HTML pages: what a reader of them sees."""
import importlib.util
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook, new_output

TOOL = Path(__file__).resolve().parent.parent / "tools" / "run_lessons.py"


def test_pages_hide_checks_and_the_code_of_figures_alone():
    spec = importlib.util.spec_from_file_location("run_lessons", TOOL)
    run_lessons = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run_lessons)
    cells = []
    for name, tags in (("shown", []), ("drawing", ["hide-input"]),
                       ("checking", ["remove-cell"])):
        printed = new_output("stream", name="stdout", text=f"output_of_{name}")
        cells.append(new_code_cell(f"source_of_{name}", outputs=[printed],
                                   metadata={"tags": tags}))
    page = run_lessons.render(new_notebook(cells=cells))
    words = [f"{part}_of_{name}" for part in ("source", "output")
             for name in ("shown", "drawing", "checking")]
    assert [word for word in words if word in page] == [
        "source_of_shown", "output_of_shown", "output_of_drawing"]
