"""Execute a hand-in whatever it does: nbgrader's preprocessor with limits.

A cell that has no end, prints without end or takes the kernel down ends that kernel.
The next exercise gets a new one.
"""
import asyncio
import contextlib
import copy
import os
import shutil
import signal
import tempfile
from pathlib import Path

import psutil
from grade_limits import end_processes
from hand_in import keep_verdict, stopped
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_locked
from traitlets import Float, Integer, Unicode


class LimitedExecute(Execute):
    """Runs the cells in order, in new kernels where need be, until all have run."""

    cell_seconds = Float(help="a cell that runs longer is ended").tag(config=True)
    memory_mb = Integer(help="the kernel gets no more memory").tag(config=True)
    max_characters = Integer(100_000, help="what a cell may print").tag(config=True)
    folder = Unicode(help="that of this hand-in").tag(config=True)

    def preprocess(self, nb, resources, km=None):
        self.timeout = None  # a timer of our own ends the kernel
        self.iopub_timeout = 60
        self.shutdown_kernel = "immediate"
        self.kernel_name = "course"
        package = Path(self.folder, "package")
        self.package = {path.relative_to(package): path.read_bytes()
                        for path in package.rglob("*.py")}
        self.ran, self.restarts, self.reason, self.characters = [], 0, None, 0
        self.resources = resources
        self.prepare()
        return super().preprocess(nb, resources, km)

    def prepare(self):
        """For a new kernel: an empty folder to work in, and d2l_bn as it should be."""
        scratch = tempfile.mkdtemp(dir=self.folder)
        self.resources["metadata"]["path"] = scratch
        # Start-up files stand there; the next kernel must not run those of this one.
        os.environ["IPYTHONDIR"] = os.path.join(scratch, ".ipython")
        self.restore_package()

    def restore_package(self):
        package = Path(self.folder, "package")
        shutil.rmtree(package, ignore_errors=True)
        for path, content in self.package.items():
            (package / path).parent.mkdir(parents=True, exist_ok=True)
            (package / path).write_bytes(content)

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "code" and cell.source.strip():
            if not run_sync(self.km.is_alive)():  # killed by what an earlier cell left
                self.restart(replay=False)
            if is_grade(cell):
                self.restore_package()
            ended = self.run_cell(cell, index)
            if is_grade(cell):
                keep_verdict(cell)
            if not ended:
                self.restart(replay=not self.restarts)
            elif self.is_full(cell):
                self.restart(replay=False)
            elif not is_grade(cell):
                self.ran.append((index, cell))
        return cell, resources

    def run_cell(self, cell, index):
        """Execute a cell; False if the kernel is lost, with an output that says why."""
        self.reason, self.characters = None, 0
        try:
            self.execute_limited(cell, index)
            return True
        except (DeadKernelError, CellTimeoutError) as err:
            reason = self.reason or ("the kernel ended" if isinstance(
                err, DeadKernelError) else "the kernel no longer answers")
            cell.outputs.append(stopped("Stopped", reason))
            return False

    async def limited(self, cell, index):
        # The set-up is the course's own: it gets its time on a slow machine too.
        seconds = self.cell_seconds if is_grade(cell) or not is_locked(cell) else 600
        timer = asyncio.get_running_loop().call_later(
            seconds, self.end_kernel, f"no end after {seconds:g} s")
        try:
            await self.async_execute_cell(cell, index)
        finally:
            timer.cancel()

    execute_limited = run_sync(limited)

    def end_kernel(self, reason):
        """Kill the kernel: nbclient then stops waiting for it."""
        self.reason = self.reason or reason
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.km.provisioner.pid, signal.SIGKILL)

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] != "status":
            self.characters += len(str(msg["content"]))
            if self.characters > self.max_characters:
                self.end_kernel(f"more than {self.max_characters} characters printed")
                return None
        return super().process_message(msg, cell, cell_index)

    def is_full(self, cell):
        """Whether so much memory is taken that the next exercise would lack it."""
        if any(output.get("ename") == "MemoryError" for output in cell.outputs):
            return True
        with contextlib.suppress(psutil.Error):
            used = psutil.Process(self.km.provisioner.pid).memory_info().rss
            return used > self.memory_mb * 2 ** 20 / 2
        return False

    def restart(self, replay):
        """A new kernel, in which the set-up runs.

        replay: run again what ran to its end, for an answer that uses an earlier one.
            Once only: there might be what ended the kernel, late.
        """
        self.restarts += 1
        cells = [(index, cell) for index, cell in self.ran if replay or is_locked(cell)]
        self.ran = [pair for pair in self.ran if is_locked(pair[1])]
        self._cleanup_kernel()
        end_processes(self.folder)
        self.prepare()
        self.km = self.create_kernel_manager()
        self.start_new_kernel()
        self.start_new_kernel_client()
        for index, cell in cells:
            ended = self.run_cell(copy.deepcopy(cell), index)
            self.nb.cells[index] = cell
            if not ended:
                return self.restart(replay=False)
