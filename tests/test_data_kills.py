"""Fetches that are killed, interrupted, many at once, or out of room, in processes."""
import contextlib
import itertools
import os
import random
import signal
import subprocess
import threading
import time

from d2l_bn import data

import pytest
from fashion_files import IMAGES, NAMES, PACKED, fill, holds_all, in_a_process

pytestmark = [pytest.mark.usefixtures("alone"), pytest.mark.slow]

PARTS = 6  # in which a slow mirror sends a file
KILLS = 20
FIND = "data.find_fashion_mnist(folder, mirrors, folder / 'none')"


def slowly(name, before_part):
    """An answer with the file in parts; before each a function is called."""
    def answer(handler):
        whole = PACKED[f"{name}.gz"]
        handler.head(len(whole))
        size = len(whole) // PARTS + 1
        for start in range(0, len(whole), size):
            before_part()
            handler.wfile.write(whole[start:start + size])
            handler.wfile.flush()
            time.sleep(.003)
    return answer


# Forks of one process that has imported MXNet, and has no other threads.
ONE_BY_ONE = """
import multiprocessing
for line in sys.stdin:
    fetch = multiprocessing.get_context("fork").Process(
        target=data.find_fashion_mnist, args=(line.strip(), mirrors, folder / "none"))
    fetch.start()
    print(fetch.pid, flush=True)
    fetch.join()
    print(fetch.exitcode, flush=True)
"""


def test_fetch_killed_at_any_moment_leaves_nothing_that_the_next_does_not_mend(
        tmp_path, mirror):
    chance, seen, server, again = random.Random(0), [], mirror(), mirror()
    forks = in_a_process(tmp_path, server.url, code=ONE_BY_ONE, TQDM_DISABLE="1")
    for moment in chance.sample(range(len(NAMES) * PARTS + 1), KILLS):
        parts, folder = itertools.count(), tmp_path / str(moment)
        reached = threading.Event()

        def before_part(parts=parts, moment=moment, reached=reached):
            if next(parts) == moment:
                reached.set()

        server.answers = {f"{name}.gz": slowly(name, before_part) for name in NAMES}
        print(folder, file=forks.stdin, flush=True)
        fetch = int(forks.stdout.readline())
        if moment < len(NAMES) * PARTS:
            assert reached.wait(600)
            time.sleep(chance.uniform(0, .006))
            with contextlib.suppress(ProcessLookupError):  # done before
                os.kill(fetch, signal.SIGKILL)
        assert forks.stdout.readline().strip() in ("-9", "0")
        there = os.listdir(folder)
        seen.append((sum(name in PACKED for name in there),
                     any(name.startswith(".fetching-") for name in there)))
        assert data.find_fashion_mnist(folder, [again.url], tmp_path / "none") == folder
        assert holds_all(folder)
        assert sorted(os.listdir(folder)) == sorted(PACKED)
    forks.communicate(timeout=600)
    assert len(seen) == KILLS
    assert {good for good, _ in seen} >= {0, 1, 2, 3}  # so it struck in each file,
    assert sum(left for _, left in seen) > KILLS / 2   # mostly while one was coming


EIGHT = """
import multiprocessing
fork = multiprocessing.get_context("fork").Process
processes = [fork(target=data.find_fashion_mnist, args=(folder, [url], folder / "none"))
             for url in mirrors[0].split()]
for process in processes:
    process.start()
print(processes[0].pid, flush=True)
for process in processes:
    process.join()
print([process.exitcode for process in processes])
"""


@pytest.mark.parametrize("killed", [0, 1])
def test_eight_processes_at_once_leave_one_good_copy(tmp_path, mirror, killed):
    folder = tmp_path / "data"
    all_ask, started = threading.Barrier(8), threading.Event()

    def together(handler):  # answers once all eight have asked
        all_ask.wait()
        handler.head(len(PACKED[f"{NAMES[0]}.gz"]))
        handler.wfile.write(PACKED[f"{NAMES[0]}.gz"])

    def half_and_the_end(handler):  # once all eight are at work
        all_ask.wait()
        handler.head(len(PACKED[f"{NAMES[0]}.gz"]))
        handler.wfile.write(PACKED[f"{NAMES[0]}.gz"][:5000])
        started.wait()
        os.kill(first, signal.SIGKILL)

    server = mirror(train_images_idx3_ubyte=together)
    deadly = mirror(train_images_idx3_ubyte=half_and_the_end)
    urls = [deadly.url] * killed + [server.url] * (8 - killed)
    process = in_a_process(folder, " ".join(urls), code=EIGHT, TQDM_DISABLE="1")
    first = int(process.stdout.readline())
    started.set()
    printed, errors = process.communicate(timeout=3600)
    ends = [-signal.SIGKILL] * killed + [0] * (8 - killed)
    assert printed.strip() == str(ends), errors
    assert data.find_fashion_mnist(folder, (), tmp_path / "none") == folder
    assert holds_all(folder)
    assert sorted(os.listdir(folder)) == sorted(PACKED)


def test_mirror_that_never_answers_can_be_interrupted_and_is_named(tmp_path, mirror):
    asked, released = threading.Event(), threading.Event()

    def never(handler):
        asked.set()
        released.wait()

    server = mirror(t10k_images_idx3_ubyte=never)
    process = in_a_process(  # which else would wait until the test's time is up
        tmp_path / "data", server.url, code=f"fetching.PATIENCE = 10**5\n{FIND}")
    asked.wait()
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=600)[1]
    released.set()
    assert process.returncode != 0 and "KeyboardInterrupt" in said
    assert f"{IMAGES}.gz:" in said
    assert sorted(os.listdir(tmp_path / "data")) == sorted(
        f"{name}.gz" for name in NAMES[:2])


def small_disk(folder):
    """A command that runs another one with 16 kB of disk in the folder.

    Where no disk can be mounted, no file may be over 4 kB instead.
    """
    mount = ["unshare", "--mount", "--map-root-user", "sh", "-c", 'mount -t tmpfs -o '
             'size=16k none "$0" && exec "$@"', str(folder)]
    try:
        subprocess.run([*mount, "true"], check=True, capture_output=True)
        return mount
    except (OSError, subprocess.SubprocessError):
        return SMALL_FILES


SMALL_FILES = ["sh", "-c", 'ulimit -f 8 && exec "$@"', "sh"]


@pytest.mark.parametrize("small", [small_disk, lambda folder: SMALL_FILES],
                         ids=["disk", "file size"])
def test_disk_that_fills_up_is_reported_and_holds_no_half_file(
        tmp_path, mirror, monkeypatch, small):
    monkeypatch.setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
    folder = fill(tmp_path / "data")
    process = in_a_process(folder / "new", mirror().url, small(folder), code=(
        "import os; os.environ['PATH'] = ''  # no apt\n"
        f"try: {FIND}\n"
        "except FileNotFoundError as err: print(err)\n"
        "print(sorted(os.listdir(folder)))"))
    printed, errors = process.communicate(timeout=3600)
    assert process.returncode == 0, errors
    *message, listing = printed.splitlines()
    assert "No space left" in printed or "File too large" in printed
    assert "100 MB free" in message[-1]
    assert listing in [str(sorted(f"{name}.gz" for name in NAMES[start:stop]))
                       for start, stop in ((0, 2), (0, 0))]
