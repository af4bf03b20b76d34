"""What a hand-in's processes get, and how they are ended."""
import contextlib

import psutil

MARK = "HAND_IN"  # the variable by which the processes of a hand-in are known


def end_processes(folder):
    """Kill what a hand-in has started; each process has inherited the variable."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == str(folder):
                process.kill()


def kernel(python, folder, memory_mb):
    """The kernel.json of the course's environment, with limits and an own d2l_bn."""
    # ulimit counts the size of files in blocks of 512 bytes: no file above 100 MB.
    limits = f'ulimit -d {memory_mb * 1024}; ulimit -f 204800; ulimit -c 0; exec "$@"'
    return {"display_name": "course", "language": "python",
            "argv": ["sh", "-c", limits, "sh", str(python), "-m", "ipykernel_launcher",
                     "-f", "{connection_file}"],
            "env": {MARK: str(folder), "PYTHONPATH": str(folder / "package"),
                    # Stored bytecode would outlive the sources that are restored.
                    "PYTHONDONTWRITEBYTECODE": "1", "TQDM_DISABLE": "1"}}
