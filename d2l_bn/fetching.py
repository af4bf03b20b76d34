"""Fetching into a folder that other programs use too, and that survives being killed.

What is fetched goes into a temporary folder first. Its lock ends with its process, so
that a later fetch can tell, and remove, what a killed one has left.
"""
import contextlib
import fcntl
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from tqdm import tqdm

PREFIX = ".fetching-"
LARGEST = 2**26  # bytes of a file; the largest of the data set has 47 million
BLOCK, PATIENCE = 2**16, 30  # so many bytes have to come within so many seconds
DAY = 24 * 3600  # no fetch takes that long


@contextlib.contextmanager
def _hold(folder):
    """Hold the lock of a folder; some network disks have no locks, then without."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def temporary_folder(folder):
    """A temporary folder inside `folder`, so that a rename into `folder` is atomic."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        with _hold(folder):  # remove_leftovers must not see it before it is locked
            scratch = stack.enter_context(
                tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder))
            stack.enter_context(_hold(scratch))
        yield Path(scratch).resolve()


def _is_left(folder):
    """Whether the process is gone that has made this temporary folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    except OSError:  # no locks here
        return time.time() - os.fstat(handle).st_mtime > DAY
    finally:
        os.close(handle)


def remove_leftovers(folder):
    """Remove the temporary folders in `folder` whose processes have been killed."""
    with contextlib.suppress(OSError):  # it may be missing, or not ours to tidy
        names = [name for name in os.listdir(folder) if name.startswith(PREFIX)]
        if not names:
            return
        with _hold(folder):
            for left in (folder / name for name in names):
                if not left.is_symlink() and left.is_dir() and _is_left(left):
                    shutil.rmtree(left, ignore_errors=True)


def _receive(url, file, tell):
    """Write what `url` gives to `file`, and tell of it, or of an error, as it comes."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            length = answer.headers.get("Content-Length") or ""
            tell(int(length) if length.isdecimal() else None)
            while block := answer.read(BLOCK):
                file.write(block)
                if file.tell() > LARGEST:
                    raise OSError(f"more than {LARGEST} bytes came")
                tell(len(block))
        tell(0)
    except Exception as err:  # whatever it is, it belongs to who waits
        tell(err)


def receive(url, path):
    """Fetch `url` into the file `path`; OSError if it stalls, crawls or has no end.

    Another thread fetches. Whatever a mirror does, or the search for its address, this
    one notices the time, and an interrupt.
    """
    news = queue.SimpleQueue()

    def next_news():
        try:
            item = news.get(timeout=PATIENCE)
        except queue.Empty:
            raise TimeoutError(f"less than {BLOCK} bytes came in {PATIENCE} seconds"
                               ) from None
        if isinstance(item, Exception):
            raise item
        return item

    with open(path, "wb") as file, tqdm(  # once the file is closed, the thread ends
            desc=path.name, unit="B", unit_scale=True, leave=False) as bar:
        threading.Thread(target=_receive, args=(url, file, news.put), daemon=True
                         ).start()
        bar.reset(total=next_news())
        while size := next_news():
            bar.update(size)


def run(*command, cwd):
    """Run a program in the folder `cwd`; OSError with what it said if it fails."""
    try:
        subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True,
                       timeout=3600)  # a guard against a hang
    except subprocess.SubprocessError as err:
        said = (getattr(err, "stderr", None) or str(err)).strip()
        raise OSError(f"{command[0]} failed: {said[-300:]}") from err
