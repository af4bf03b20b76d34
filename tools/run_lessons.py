"""Execute the lessons and their solutions, each in a fresh kernel.

    python tools/run_lessons.py                 executed copies into build/
    python tools/run_lessons.py --in-place 03   lesson 03, outputs stored in notebooks/
"""
import argparse
import asyncio
import base64
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import nbformat
import psutil
from jupyter_client import AsyncKernelManager
from loky import cpu_count
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
LESSONS, BUILD = ROOT / "notebooks", ROOT / "build"
EXPLAIN = Path(__file__).with_name("explain_failure.py").read_text(encoding="utf-8")
HANG_SECONDS = 3600
EXPLAIN_SECONDS = 60  # for a kernel that may hang; without its answer less is told
MAIN_RESULT = "main-result"  # the tag of the cell whose output closes a run
README_PICTURE = "readme-picture"  # the tag of the cell whose figure the README shows


class Lesson:
    """One notebook, its kernel, and what became of it.

    failure: None, or lines of text: in which cell and line, the error, values.
    """

    def __init__(self, path, cell_seconds):
        self.path, self.cell_seconds = path, cell_seconds
        self.name = str(path.relative_to(LESSONS).with_suffix(""))
        self.notebook = nbformat.read(path, as_version=4)
        self.seconds, self.failure = 0., None
        self.number = 0  # of the code cell that runs, or ran last
        self.kernel = AsyncKernelManager(kernel_name="python3")
        # No limit but the one for hangs: a slow machine must not lose an output.
        self.client = NotebookClient(
            self.notebook, km=self.kernel, timeout=None,  # execute() has it
            startup_timeout=HANG_SECONDS, iopub_timeout=HANG_SECONDS,
            raise_on_iopub_timeout=True, record_timing=False, coalesce_streams=True)
        self.client.log.setLevel("CRITICAL")  # it would log what `failure` says

    async def run(self):
        """Execute all cells. Whatever happens the kernel ends, with all it started."""
        start = time.perf_counter()
        try:
            await self.kernel.start_kernel(
                cwd=str(LESSONS),
                # A progress bar would stay in a stored output.
                env={**os.environ, "TQDM_DISABLE": "1"},
                # No word about the kernel's local sockets: that they are not encrypted,
                # or what an interrupt did to them.
                extra_arguments=["--IPKernelApp.log_level=50"])
            await self.run_cells()
        finally:
            await self.end_kernel()
            self.seconds = time.perf_counter() - start

    async def run_cells(self):
        try:
            await self.client.async_start_new_kernel_client()
        except RuntimeError as err:
            self.failure = ["the start of its kernel", str(err)]
            return
        cells = [(index, cell) for index, cell in enumerate(self.notebook.cells)
                 if cell.cell_type == "code"]
        try:
            # On a terminal alone: a log keeps one line a lesson.
            for index, cell in tqdm(cells, desc=self.name, unit="cell", leave=False,
                                    disable=None):
                self.number += 1
                await self.execute(cell, index, self.cell_seconds)
        except CellExecutionError as err:
            what = f"{err.ename}: {err.evalue}".rstrip(": ")
            self.failure = await self.described(cell, what)
        except (asyncio.TimeoutError, CellTimeoutError):
            await self.kernel.interrupt_kernel()  # for the line where it is
            self.failure = await self.described(
                cell, f"no end after {self.cell_seconds:g} s")
        except DeadKernelError:
            code = self.kernel.provisioner.process.returncode
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            self.failure = self.located(cell, [], f"the kernel died ({how})")

    async def execute(self, cell, index, seconds):
        """Execute one cell; asyncio.TimeoutError if it has not ended after `seconds`.

        Not nbclient's own limit: after that, it would go on reading the kernel's
        messages. And it takes a cancelled run for a dead kernel.
        """
        task = asyncio.ensure_future(self.client.async_execute_cell(
            cell, index, execution_count=self.number))
        try:
            if not (await asyncio.wait([task], timeout=seconds))[0]:
                raise asyncio.TimeoutError
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def described(self, cell, what):
        """What failed, with the line and the values if the kernel still answers."""
        question = nbformat.v4.new_code_cell(
            f"exec({EXPLAIN + 'print(*explain_last_error(), sep=chr(10))'!r}, {{}})")
        cells = self.notebook.cells
        cells.append(question)
        try:
            while not question.outputs:  # an interrupt makes the kernel drop requests
                await self.execute(question, len(cells) - 1, EXPLAIN_SECONDS)
            answer = "".join(output.text for output in question.outputs)
        # A kernel that hangs in C++ or has died says nothing: the cell must do.
        except (CellExecutionError, DeadKernelError, asyncio.TimeoutError):
            answer = ""
        finally:
            cells.remove(question)
        return self.located(cell, answer.strip().splitlines(), what)

    def located(self, cell, answer, what):
        first_line = cell.source.strip().splitlines()[0]
        line, *values = answer or [f"which begins: {first_line}"]
        return [f"cell [{self.number}], {line}", *what.splitlines(), *values]

    async def end_kernel(self):
        if not self.kernel.has_kernel:
            return
        pid = self.kernel.provisioner.process.pid
        family = (psutil.Process(pid).children(recursive=True)
                  if psutil.pid_exists(pid) else [])
        await self.kernel.shutdown_kernel()  # asks first, kills after five seconds
        if self.client.kc:
            self.client.kc.stop_channels()
        for process in psutil.wait_procs(family, timeout=2)[1]:
            process.kill()
        with contextlib.suppress(ProcessLookupError):  # no kernel died before them
            os.killpg(pid, signal.SIGKILL)

    def store(self, in_place):
        """Write the executed notebook."""
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        # Nothing that differs from machine to machine.
        self.notebook.metadata = {"kernelspec": kernel,
                                  "language_info": {"name": "python"}}
        nbformat.write(self.notebook, BUILD / f"{self.name}.ipynb")
        if in_place and not self.failure:
            nbformat.write(self.notebook, self.path)
            for output in self.outputs(README_PICTURE):
                picture = base64.b64decode(output.data["image/png"])
                (ROOT / "images" / "lenet_curves.png").write_bytes(picture)

    def outputs(self, tag):
        """The outputs of the cells that carry the tag."""
        return [output for cell in self.notebook.cells
                if tag in cell.metadata.get("tags", [])
                for output in cell.get("outputs", [])]

    def report(self, end):
        with tqdm.external_write_mode():  # the bars make room for the line
            print(f"{self.name:34} {self.seconds:6.1f} s  {end}", flush=True)


async def run_all(lessons, jobs, in_place):
    """Run the lessons, `jobs` at a time; True unless the user interrupted them."""
    free = asyncio.Semaphore(jobs)

    async def run(lesson):
        async with free:
            try:
                await lesson.run()
            except asyncio.CancelledError:
                lesson.report(f"interrupted in cell [{lesson.number}]" if lesson.number
                              else "interrupted")
                raise
            lesson.store(in_place)
            lesson.report("FAILED in " + "\n    ".join(lesson.failure)
                          if lesson.failure else "ok")

    tasks = [asyncio.ensure_future(run(lesson)) for lesson in lessons]
    together = asyncio.gather(*tasks)
    loop = asyncio.get_running_loop()

    def stop():
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: None)  # the kernels are ending
        together.cancel()

    # asyncio's own answer to Ctrl-C would not wait for the kernels before Python 3.11.
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        await together
        return True
    except asyncio.CancelledError:
        await asyncio.wait(tasks)  # each ends its kernel
        return False


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--in-place", action="store_true",
                        help="store the outputs in notebooks/ instead of build/")
    parser.add_argument("--jobs", type=int, default=min(2, cpu_count()), metavar="N",
                        help="lessons at a time; %(default)s here")
    parser.add_argument("--cell-seconds", type=float, default=HANG_SECONDS,
                        metavar="S", help="a cell that runs longer hangs; "
                        "%(default)s when not given")
    parser.add_argument("lessons", nargs="*", help="how the names begin; all when none")
    options = parser.parse_args(arguments)
    if options.jobs < 1 or options.cell_seconds <= 0:
        parser.error("--jobs must be at least 1 and --cell-seconds above 0")
    lessons = [Lesson(path, options.cell_seconds)
               for names in ("[0-9]*.ipynb", "appendix*.ipynb", "solutions/*.ipynb")
               for path in sorted(LESSONS.glob(names))
               if path.name.startswith(tuple(options.lessons or ("",)))]
    if not lessons:
        parser.error(f"no lesson in notebooks/ begins with {options.lessons}")
    (BUILD / "solutions").mkdir(parents=True, exist_ok=True)
    if not asyncio.run(run_all(lessons, options.jobs, options.in_place)):
        print("interrupted; no kernel is left")
        return 130
    failed = sum(bool(lesson.failure) for lesson in lessons)
    print(f"{len(lessons) - failed} of {len(lessons)} notebooks ran to their end; "
          "copies are in build/; `make site NOTEBOOKS=build` makes pages of them")
    result = "".join(output.text for lesson in lessons
                     for output in lesson.outputs(MAIN_RESULT))
    if result:
        print("\n" + result.strip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
