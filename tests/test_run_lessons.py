"""tools/run_lessons.py and what it says of a lesson that fails."""
import fcntl
import linecache
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
import uuid
from pathlib import Path

import nbformat
import pytest
import run_lessons
from explain_failure import explain
from nbformat.v4 import new_code_cell, new_notebook
from processes import left_behind, processes_marked

TOOLS = Path(__file__).resolve().parent.parent / "tools"
HOUR = 3600


def make_project(folder):
    """A folder with the tools and without lessons."""
    shutil.copytree(TOOLS, folder / "tools")
    (folder / "notebooks/solutions").mkdir(parents=True)
    return folder


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def write(project, name, *cells, tags=()):
    """Store a lesson; the tags are those of its last cell."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    notebook.cells[-1].metadata["tags"] = list(tags)
    nbformat.write(notebook, project / "notebooks" / f"{name}.ipynb")


def command(project, *arguments):
    return [sys.executable, project / "tools/run_lessons.py", *arguments]


def run(project, *arguments):
    return subprocess.run(command(project, *arguments), capture_output=True,
                          text=True, timeout=HOUR)


FAILING = {  # name -> the cell, and what is said of it
    "10_name": ("y = 2\nz = missing + y",
                "line 2: z = missing + y\n    NameError: name 'missing' is not"),
    "11_syntax": ("y = 1\nx = = 2",
                  "line 2: x = = 2\n    SyntaxError: invalid syntax"),
    "12_library": ("text = '{'\n\njson.loads(text)",
                   "line 3: json.loads(text)\n    JSONDecodeError: Expecting property"),
    "13_dead": ("import os\nos.kill(os.getpid(), 9)",
                "which begins: import os\n    the kernel died (SIGKILL)\n"),
    "14_assert": ("def total():\n    return 3\n\nassert total() == expected, 'few'",
                  "line 4: assert total() == expected, 'few'\n    AssertionError: few\n"
                  "    total() = 3\n    expected = 4\n"),
    "15_earlier": ("x = 1\ncheck(x, 2)",
                   "line 2: check(x, 2)\n    AssertionError\n"
                   "    in check, from an earlier cell: assert total == 5\n"
                   "    total = 3\n")}


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """A run of all that fail, one that does not, and one that was not asked for."""
    project = make_project(tmp_path_factory.mktemp("project"))
    for name, (cell, _) in FAILING.items():
        write(project, name, "import json\nexpected = 4",
              "def check(a, b):\n    total = a + b\n    assert total == 5", cell)
    write(project, "16_good", "print(1)")
    write(project, "20_other", "1 / 0")
    return project, run(project, "1")


@pytest.mark.parametrize("name", FAILING)
def test_what_is_said_of_a_failure(failed, name):
    printed = failed[1].stdout
    assert re.search(rf"^{name} +\d+\.\d s  FAILED in cell \[3\], "
                     + re.escape(FAILING[name][1]), printed, re.M), printed


def test_a_failing_lesson_fails_the_run_and_the_others_still_run(failed):
    project, done = failed
    assert done.returncode == 1 and done.stderr == ""
    assert "20_other" not in done.stdout
    assert re.search(r"^16_good +\d+\.\d s  ok$", done.stdout, re.M), done.stdout
    assert done.stdout.endswith(
        "1 of 7 notebooks ran to their end; copies are in build/; "
        "`make site NOTEBOOKS=build` makes pages of them\n")
    assert "NameError" in (project / "build/10_name.ipynb").read_text()
    assert (project / "build/16_good.ipynb").exists()


@pytest.mark.parametrize("arguments, said", [
    (["77"], "no lesson in notebooks/ begins with ['77']"),
    (["--jobs", "0"], "--jobs must be at least 1"),
    (["--cell-seconds", "-1"], "--cell-seconds above 0")])
def test_wrong_arguments_are_refused(arguments, said, capsys):
    with pytest.raises(SystemExit) as caught:
        run_lessons.main(arguments)
    assert caught.value.code == 2 and said in capsys.readouterr().err


@pytest.mark.slow
def test_a_cell_that_hangs_is_stopped_and_its_line_named(project):
    hang = "any(Path('started').touch() for _ in iter(int, 1))"
    write(project, "01_hang", f"from pathlib import Path\n{hang}")
    for limit in (2, 8, 32, 128):  # a busy machine may not have begun within two
        done = run(project, "--cell-seconds", str(limit))
        assert done.returncode == 1
        assert f"\n    no end after {limit} s\n" in done.stdout
        if (project / "notebooks/started").exists():
            break
    assert f"FAILED in cell [1], line 2: {hang}\n" in done.stdout


MEETING = """from pathlib import Path
import time
Path("{mine}").touch()
while not Path("{other}").exists():
    time.sleep(.05)
"""


LOG = "with open('log', 'a') as file:\n    print('{}', file=file)"


@pytest.mark.slow
def test_one_runs_at_a_time_appendix_and_solutions_last_and_nothing_else(project):
    for name in ("Untitled", "appendix_traps", "02", "all", "solutions/02", "01"):
        write(project, name, *(LOG.format(f"{name} {part}") for part in range(2)))
    assert run(project, "--jobs", "1").returncode == 0
    lines = (project / "notebooks/log").read_text().splitlines()
    assert lines == [f"{name} {part}" for name in (
        "01", "02", "appendix_traps", "solutions/02") for part in range(2)]
    assert (project / "build/solutions/02.ipynb").exists()


@pytest.mark.slow
def test_two_run_at_a_time_and_outputs_are_stored_unless_a_lesson_failed(project):
    write(project, "01_good", MEETING.format(mine="a", other="b"),
          "import os\nprint(os.environ['TQDM_DISABLE'])")
    write(project, "02_bad", "print(5)\n" + MEETING.format(mine="b", other="a"),
          "1 / 0")
    write(project, "03_table", "print('second')", tags=["main-result"])
    write(project, "04_table", "print('third')", tags=["main-result"])
    done = run(project, "--in-place", "--jobs", "2", "--cell-seconds", "600")
    stored = {path.stem: nbformat.read(path, as_version=4)
              for path in (project / "notebooks").glob("*.ipynb")}
    [output] = stored["01_good"].cells[1].outputs
    assert output.text == "1\n"
    assert stored["01_good"].cells[1].execution_count == 2
    assert set(stored["01_good"].metadata) == {"kernelspec", "language_info"}
    assert stored["02_bad"].cells[0].outputs == []
    assert "02_bad" in done.stdout and "ZeroDivisionError" in done.stdout
    assert done.stdout.endswith("\n\nsecond\nthird\n")


CHILDREN = """from pathlib import Path
import signal, subprocess, sys, time
subprocess.Popen(["sleep", "3600"])
subprocess.Popen(["sleep", "3600"], start_new_session=True)
Path("{name}").touch()
{then}
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_kernels_and_what_they_started(project, number):
    write(project, "01_sleeps", CHILDREN.format(name="a", then="time.sleep(3600)"))
    stubborn = "signal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(3600)"
    write(project, "02_stubborn", CHILDREN.format(name="b", then=stubborn))
    write(project, "03_waits", "1")
    mark = uuid.uuid4().hex
    with open(project / "printed", "w") as out:  # a pipe would wait for the children
        process = subprocess.Popen(
            command(project, "--jobs", "2"), stdout=out, stderr=subprocess.STDOUT,
            env=os.environ | {"STARTED_BY_TEST": mark})
    while not all((project / "notebooks" / name).exists() for name in "ab"):
        assert process.poll() is None
        time.sleep(.1)
    assert len(processes_marked(mark)) >= 7  # the run, two kernels, four children
    process.send_signal(number)
    assert process.wait(HOUR) == 130
    printed = (project / "printed").read_text()
    assert re.search(r"01_sleeps +\S+ s  interrupted in cell \[1\]\n", printed)
    assert re.search(r"02_stubborn +\S+ s  interrupted in cell \[1\]\n", printed)
    assert "Traceback" not in printed and "03_waits" not in printed
    assert not left_behind(mark)


@pytest.mark.slow
def test_a_terminal_shows_progress(project):
    write(project, "01_good", "1", "2")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(command(project), stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 1024):
            shown += chunk
    except OSError:  # the end, as Linux tells it
        pass
    assert process.wait(HOUR) == 0
    assert b"01_good:" in shown and b"cell" in shown
    assert re.search(rb"01_good +\S+ s  ok\r\n", shown)


@pytest.mark.parametrize("failing, told", [
    ("assert a == 2", ["a = 1"]),
    ("assert .5 < a < 1", ["a = 1"]),
    ("assert a == 1 and b[0] > a + 8, 'why'", ["b[0] = 5", "a + 8 = 9"]),
    ("assert a > 3 or not a", ["a = 1"]),
    ("assert a in (2, 3)", ["a = 1"]),
    ("assert all(x > 5 for x in b)", ["b = [5, 7]"]),
    ("assert math.isclose(a, b[1])", ["a = 1", "b[1] = 7"]),
    ("assert (a ==\n        3)", ["a = 1"]),
    ("def f(c):\n    assert c == a\nf(4)", ["c = 4", "a = 1"]),
    ("assert 100 * b == 0", [f"100 * b = {str(100 * [5, 7])[:300]} ..."]),
    ("assert moody() == 1", ["its values cannot be told: ValueError('again')"]),
    ("a / 0", [])])
def test_values_of_an_assert(failing, told):
    source = ("import math\na, b = 1, [5, 7]\nasked = []\n"
              "def moody():\n    asked.append(1)\n    if asked[1:]:\n"
              f"        raise ValueError('again')\n{failing}\n")
    linecache.cache["cell"] = (len(source), None, source.splitlines(True), "cell")
    namespace = {}
    with pytest.raises((AssertionError, ZeroDivisionError)) as caught:
        exec(compile(source, "cell", "exec"), namespace)
    where, *values = explain(caught.value, namespace)
    statement = " ".join(line.strip() for line in failing.splitlines()
                         if "def " not in line and line != "f(4)")
    assert re.fullmatch(rf"line \d+: {re.escape(statement)}", where)
    assert values == told
