"""How long from `git clone` to lesson 01's first cells? Needs no environment.

    python3 benchmarks/first_cell.py [--cold]

A fresh clone in a temporary folder goes through what `make lab` does, step by step.
What pip has fetched before is taken from its cache, unless --cold is given; Fashion-
MNIST is taken from where it is, and fetched when it is nowhere.
"""
import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In the new environment: start a kernel as JupyterLab does, run the first code cells.
KERNEL = """
import json, time
from jupyter_client.manager import start_new_kernel
start = time.perf_counter()
manager, client = start_new_kernel(startup_timeout=3600)
print(time.perf_counter() - start)
with open("notebooks/01_take_means_over_axes.ipynb") as file:
    cells = [cell for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
start = time.perf_counter()
for cell in cells[:3]:
    reply = client.execute_interactive("".join(cell["source"]), output_hook=lambda _: 0)
    assert reply["content"]["status"] == "ok", reply
print(time.perf_counter() - start)
manager.shutdown_kernel(now=True)
"""


@contextlib.contextmanager
def timed(step):
    start = time.perf_counter()
    yield
    print(f"{step:58}{time.perf_counter() - start:7.1f} s", flush=True)


def start_lab(folder, environment):
    """Start `make lab`, wait for the address that it prints, and end it."""
    root = " --allow-root" * (os.geteuid() == 0)
    server = subprocess.Popen(
        ["make", "lab", f"OPTIONS=--no-browser --port=0{root}"], cwd=folder,
        env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        start_new_session=True)  # so that JupyterLab can be ended with make
    said = []
    for line in server.stderr:
        said.append(line)
        if re.search(r"http://\S+token=", line):
            break
    else:
        sys.exit("".join(said))
    os.killpg(server.pid, signal.SIGTERM)
    server.communicate()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cold", action="store_true", help="do not use pip's cache")
    environment = {**os.environ, "PYTHONPATH": ""}
    if parser.parse_args().cold:
        environment["PIP_NO_CACHE_DIR"] = "1"
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent, "course")

        def run(*command):
            done = subprocess.run(command, cwd=folder if folder.exists() else parent,
                                  env=environment, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{command} failed:\n{done.stdout}{done.stderr}")
            return done.stdout

        with timed("git clone"):
            run("git", "clone", "--quiet", str(ROOT), str(folder))
        with timed("an empty environment (part of the next line)"):
            run(sys.executable, "-m", "venv", str(Path(parent, "empty")))
        with timed("make .venv/ready: environment and packages"):
            run("make", ".venv/ready", f"PYTHON={sys.executable}")
        with timed("make data: import MXNet, find and verify Fashion-MNIST"):
            run("make", "data")
        with timed("make lab: the same again, until JupyterLab's address"):
            start_lab(folder, environment)
        kernel, cells = run(".venv/bin/python", "-c", KERNEL).split()
        print(f"{'a kernel, until it answers':58}{float(kernel):7.1f} s")
        print(f"{'lesson 01, first three code cells':58}{float(cells):7.1f} s")


if __name__ == "__main__":
    main()
