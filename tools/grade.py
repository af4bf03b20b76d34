"""Mark the hand-ins of a class: a table of points, and a page for each hand-in.

    make grade FOLDER=handins    FOLDER/learner/NN_exercises.ipynb -> handins-marks/

Every hand-in is marked by a program of its own (tools/grade_one.py), in a folder that
is removed afterwards. What is marked, and what marks it, is read before any of it runs.
"""
import argparse
import contextlib
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import assignments
import nbformat
from grade_limits import end_processes, kernel
from tqdm import tqdm

TOOLS = Path(__file__).resolve().parent
PACKAGE = TOOLS.parent / "d2l_bn"
COLUMNS = ("learner", "lesson", "exercise", "points", "max", "said")
HandIn = namedtuple("HandIn", "learner name content")


def package():
    """The sources of d2l_bn: path -> content."""
    return {path.relative_to(PACKAGE.parent): path.read_bytes()
            for path in sorted(PACKAGE.rglob("*.py"))}


def hand_ins(folder, names):
    """The hand-ins, and the paths of what is none."""
    found, others = [], []
    for learner in sorted(path for path in folder.glob("[!.]*") if path.is_dir()):
        for path in sorted(learner.glob("*.ipynb")):
            if path.stem in names:
                found.append(HandIn(learner.name, path.stem, path.read_bytes()))
            else:
                others.append(path)
    return found, others


class Marking:
    """One run: the assignments, and the programs that mark at the moment."""

    def __init__(self, work, options):
        self.work, self.options = work, options
        self.course = work / "course"
        self.released = assignments.release(self.course)
        self.package, self.running = package(), set()
        self.interrupted = False

    def folder(self, hand_in):
        """A folder with all that marks one hand-in."""
        folder = Path(tempfile.mkdtemp(dir=self.work))
        (folder / "handed-in.ipynb").write_bytes(hand_in.content)
        shutil.copy(self.course / "gradebook.db", folder)
        shutil.copy(self.released[hand_in.name], folder / "released.ipynb")
        for path, content in self.package.items():
            (folder / "package" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "package" / path).write_bytes(content)
        place = folder / "jupyter" / "kernels" / "course" / "kernel.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(kernel(self.options.python, folder,
                                           self.options.memory_mb)))
        return folder

    def mark(self, hand_in):
        """(exercise, points, of how many, what was said) of each exercise, and whether
        the marking itself went well."""
        folder = self.folder(hand_in)
        released = nbformat.read(folder / "released.ipynb", as_version=4).cells
        # Each cell may run twice, and be waited for a little.
        seconds = 120 + 2 * len(released) * (self.options.cell_seconds + 5)
        reason = self.run(folder, hand_in.name, seconds)
        page = next((folder / "feedback").rglob("*.html"), None)
        if page:
            place = self.options.marks / hand_in.learner
            place.mkdir(exist_ok=True)
            shutil.copy(page, place)
        try:
            return json.loads((folder / "result.json").read_text("utf-8")), True
        except (OSError, ValueError):
            names = [cell.id.removesuffix(assignments.CHECK) for cell in released
                     if cell.id.endswith(assignments.CHECK)]
            return [(name, 0, 1, f"could not be marked: {reason}")
                    for name in names], False
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def run(self, folder, name, seconds):
        """Run the program that marks; its last word."""
        command = [sys.executable, TOOLS / "grade_one.py", folder, name,
                   "--cell-seconds", str(self.options.cell_seconds),
                   "--memory-mb", str(self.options.memory_mb)]
        with open(folder / "log", "w+", encoding="utf-8", errors="replace") as log:
            process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "JUPYTER_PATH": str(folder / "jupyter")},
                start_new_session=True)
            self.running.add(process)
            try:
                if self.interrupted:
                    self.stop()
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                return f"no end after {seconds:g} s"
            finally:
                end_group(process)
                self.running.discard(process)
                end_processes(folder)
            log.seek(0)
            return (log.read().strip().splitlines() or ["it ended"])[-1][:300]

    def stop(self):
        self.interrupted = True
        for process in list(self.running):
            end_group(process)


def end_group(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def as_text(value):
    """A table's cell that no spreadsheet takes for a formula."""
    return f"'{value}" if str(value).startswith(("=", "+", "-", "@")) else value


def write_table(path, rows):
    # With a byte order mark, by which spreadsheets know UTF-8.
    with open(path, "w", newline="", encoding="utf-8-sig") as table:
        writer = csv.writer(table)
        writer.writerow(COLUMNS)
        writer.writerows([*map(as_text, row)] for row in sorted(rows, key=lambda row:
                                                                row[:2]))


def mark_all(found, marking, jobs):
    """The table's rows and the hand-ins whose marking failed, `jobs` at a time."""
    table, failed = [], []
    with ThreadPoolExecutor(jobs) as pool:
        tasks = {pool.submit(marking.mark, hand_in): hand_in for hand_in in found}
        try:
            for task in tqdm(as_completed(tasks), total=len(tasks), unit="hand-in",
                             disable=None):
                hand_in, (rows, well) = tasks[task], task.result()
                lesson = assignments.lesson(hand_in.name)
                table += [(hand_in.learner, lesson, *row) for row in rows]
                if not well:
                    failed.append(hand_in)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            marking.stop()
            raise
    return table, failed


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("marks", type=Path)
    parser.add_argument("--python", type=Path, required=True,
                        help="that of the course's environment")
    parser.add_argument("--cell-seconds", type=float, default=assignments.CELL_SECONDS,
                        help="a cell that runs longer is ended; %(default)s")
    parser.add_argument("--memory-mb", type=int, default=4096,
                        help="what a kernel may take; %(default)s")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1),
                        help="hand-ins at a time; %(default)s here")
    options = parser.parse_args(arguments)
    options.python = Path(os.path.abspath(options.python))  # a link stays one
    if not options.folder.is_dir():
        parser.error(f"{options.folder} is no folder")
    if options.marks.exists():
        parser.error(f"{options.marks} is there: move or remove it first")
    found, others = hand_ins(options.folder, assignments.names())
    for path in others:
        print(f"not marked: {path} has no assignment's name")
    if not found:
        parser.error(f"no learner/NN_exercises.ipynb in {options.folder}")
    options.marks.mkdir(parents=True)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="marking-") as work:
        marking = Marking(Path(work), options)
        try:
            table, failed = mark_all(found, marking, options.jobs)
        except KeyboardInterrupt:
            print(f"interrupted; {options.marks} holds no marks yet: remove it")
            return 130
    write_table(options.marks / "marks.csv", table)
    print(f"Hand-ins marked: {len(found)}, in {time.perf_counter() - start:.0f} s. "
          f"{options.marks / 'marks.csv'} is the table; the pages stand beside it.")
    for hand_in in failed:
        print(f"could not be marked: {hand_in.learner}/{hand_in.name}.ipynb")
    if package() != marking.package:
        print("d2l_bn is no longer what it was: a hand-in may have written to it. "
              "It was marked with the old files; restore them.")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
