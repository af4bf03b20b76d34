"""Lesson 01 in JupyterLab, as a learner meets it: `make lab`, click, run, answer.

Nothing of the repository is written: the server shows a copy of the lessons.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]
NAME = "01_take_means_over_axes.ipynb"
GUARD = 600_000  # milliseconds: against a hang, on machines however slow
ERROR = '[data-mime-type="application/vnd.jupyter.stderr"]'  # a traceback, too
# The last code cell has its number, or one has failed and those below it get none.
ALL_RUN = f"""() => document.querySelector('{ERROR}') || /\\d/.test(
    [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].pop().textContent)"""


def read(path):
    return json.loads((ROOT / "notebooks" / path).read_text())["cells"]


LESSON = read(NAME)


def number_of(name):
    """Where the lesson's cell of that id stands."""
    return [cell["id"] for cell in LESSON].index(name)


def printed(cell):
    """The text of a cell's stored outputs, one by one."""
    texts = [output.get("text") or output["data"]["text/plain"]
             for output in cell["outputs"] if "image/png" not in output.get("data", {})]
    return ["".join(text).strip() for text in texts]


def copy_without_outputs(folder):
    """Copy the lessons, and clear lesson 01: what it shows then is new."""
    shutil.copytree(ROOT / "notebooks", folder)
    notebook = json.loads((folder / NAME).read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    (folder / NAME).write_text(json.dumps(notebook))
    return folder


def environment(folder):
    """As a learner's who starts JupyterLab for the first time, but for one question.

    Whether it may fetch news is asked in a box that covers a corner of the page.
    """
    settings = folder.joinpath("config/lab/user-settings/@jupyterlab",
                               "apputils-extension/notification.jupyterlab-settings")
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false"}')
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "MAKE", "MFLAGS"))}
    return {**kept, "IPYTHONDIR": str(folder / "ipython"),
            **{f"JUPYTER_{kind.upper()}_DIR": str(folder / kind)
               for kind in ("config", "data", "runtime")}}


@pytest.fixture
def address(tmp_path):
    """What `make lab` prints to open in a browser, token and all."""
    options = "--no-browser --port=0" + " --allow-root" * (os.geteuid() == 0)
    log, found = tmp_path / "log", None
    with log.open("w") as file:
        server = subprocess.Popen(
            ["make", "lab", f"OPTIONS={options}",
             f"NOTEBOOKS={copy_without_outputs(tmp_path / 'lessons')}"],
            cwd=ROOT, stdout=file, stderr=file, env=environment(tmp_path),
            start_new_session=True)  # so that JupyterLab can be ended with make
    try:
        while not found and server.poll() is None:
            time.sleep(.2)
            found = re.search(r"http://localhost:\d+/lab\?token=\w+", log.read_text())
        assert found, log.read_text()
        yield found.group()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(GUARD / 1000)


@pytest.fixture
def lesson(page, address):
    """The page with lesson 01 open, its kernel started."""
    page.set_default_timeout(GUARD)
    page.goto(address)
    page.locator(".jp-DirListing-item", has_text=NAME).dblclick()
    drawn = expect(page.locator(".jp-Notebook .jp-Cell"))
    drawn.to_have_count(len(LESSON), timeout=GUARD)
    idle(page)
    return page


def idle(page):
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")


def cell_at(page, number):
    """The cell in the page, scrolled to: what is out of sight may not be drawn."""
    cell = page.locator(".jp-Notebook .jp-Cell").nth(number)
    cell.scroll_into_view_if_needed()
    return cell


def run_all(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(ALL_RUN)
    assert page.locator(ERROR).all_text_contents() == []
    idle(page)


def answer(page, number, source):
    """Put source into a cell, run it, and give what the check says."""
    cell = cell_at(page, number)
    before = cell.locator(".jp-InputPrompt").inner_text()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    prompt = cell.locator(".jp-InputPrompt")
    expect(prompt).to_have_text(re.compile(r"\d"), timeout=GUARD)
    expect(prompt).not_to_have_text(before, timeout=GUARD)
    return cell.locator(".jp-OutputArea-output").inner_text().strip()


def test_a_fresh_run_shows_the_stored_numbers_and_figures(lesson):
    run_all(lesson)
    for number, stored in enumerate(LESSON):
        if stored["cell_type"] == "code":
            cell = cell_at(lesson, number)
            outputs = cell.locator(".jp-OutputArea-output")
            picture = lesson.locator("img")
            if "nbval-ignore-output" not in stored["metadata"].get("tags", []):
                texts = outputs.filter(has_not=picture).all_text_contents()
                assert [text.strip() for text in texts] == printed(stored), stored["id"]
            widths = [found.evaluate("image => image.naturalWidth")
                      for found in outputs.locator(picture).all()]
            assert all(width > 100 for width in widths), stored["id"]
            expected = ["image/png" in output.get("data", {})
                        for output in stored["outputs"]].count(True)
            assert len(widths) == expected, stored["id"]


def test_what_only_tests_or_draws_is_folded(lesson):
    for number, stored in enumerate(LESSON):
        if stored["cell_type"] == "code":
            hidden = stored["metadata"].get("jupyter", {}).get("source_hidden", False)
            cell = cell_at(lesson, number)
            expect(cell.locator(".jp-Placeholder")).to_be_visible(visible=hidden)
            expect(cell.locator(".cm-content")).to_be_visible(visible=not hidden)
            tags = stored["metadata"].get("tags", [])
            assert hidden == bool({"hide-input", "remove-cell"} & set(tags))


def test_an_exercise_says_what_is_wrong_and_what_is_right(lesson):
    run_all(lesson)
    number = number_of("exercises-03")
    hints = cell_at(lesson, number - 1).locator("details")
    assert not hints.nth(0).locator("p").is_visible()
    hints.nth(0).locator("summary").click()
    expect(hints.nth(0).locator("p")).to_be_visible()
    assert not hints.nth(1).locator("p").is_visible()

    start = "".join(LESSON[number]["source"])
    wrong = start.replace("...  # your code here", "return (0, 2, 3)")
    assert wrong != start
    said = answer(lesson, number, wrong)
    assert said.startswith("✗ ") and "NHWC" in said
    [right] = ["".join(cell["source"]) for cell in read(f"solutions/{NAME}")
               if "check.lesson01.axes_to_name(" in "".join(cell["source"])]
    assert answer(lesson, number, right).startswith("✓ Right.")


def test_links_lead_to_the_section_and_to_the_next_lesson(lesson):
    cell_at(lesson, number_of("cell-024")).get_by_role("link", name="Section 7").click()
    expect(lesson.get_by_role("heading", name="7. Why a channel")).to_be_in_viewport()
    cell_at(lesson, len(LESSON) - 1).get_by_role("link", name="02 · ").click()
    heading = lesson.get_by_role("heading", name="02 · Normalise data")
    expect(heading).to_be_in_viewport(timeout=GUARD)
