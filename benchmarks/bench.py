"""Times the candidates in turn, each run in a process of its own; see README.md.

    python benchmarks/bench.py [--runs 5] [--only KEY ...]
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from d2l_bn.data import FILES, find_fashion_mnist, read_verified

from tqdm import tqdm

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build"
TORCH_PYTHON = BUILD / "torch" / "bin" / "python"
IMAGES = 70000  # of an epoch: 60,000 to train, 10,000 to test
CANDIDATES = {
    "torch": [TORCH_PYTHON, HERE / "pytorch.py"],
    "d2lzh_builtin": [sys.executable, HERE / "book.py", "builtin"],
    "d2lzh_scratch": [sys.executable, HERE / "book.py", "scratch"],
    "none": [sys.executable, HERE / "course.py", "none"],
    "scratch": [sys.executable, HERE / "course.py", "scratch"],
    "builtin": [sys.executable, HERE / "course.py", "builtin"],
}
NINE = {  # lesson 05's nine runs
    "nine runs, course": [sys.executable, HERE / "nine_course.py", "EPOCHS"],
    "nine runs, torch, 2 threads": [
        TORCH_PYTHON, HERE / "nine_pytorch.py", "FOLDER", "EPOCHS", "threads"],
    "nine runs, torch, 2 processes": [
        TORCH_PYTHON, HERE / "nine_pytorch.py", "FOLDER", "EPOCHS", "processes"],
}
RATIOS = (("builtin", "torch"), ("scratch", "builtin"), ("d2lzh_builtin", "builtin"),
          ("d2lzh_scratch", "scratch"))


def run(command, **environment):
    """The JSON that a program prints last."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True,
                          env={**os.environ, "TQDM_DISABLE": "1", **environment})
    if done.returncode:
        raise RuntimeError(f"{command[1]} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def summary(runs):
    """Medians over the runs, and the runs."""
    for one in runs:
        one["train_seconds"] = one["seconds_per_epoch"] - one["test_seconds"]
    medians = {name: statistics.median(one[name] for one in runs) for name in runs[0]}
    return {**medians, "runs": runs}


def table(results):
    lines = [f"{'':15}{'s/epoch':>8}{'lowest - highest':>19}{'train':>7}{'test':>6}"
             f"{'images/s':>10}{'peak MB':>9}{'loss':>7}{'test acc':>9}"]
    for key, result in results.items():
        if "missing" in result:
            lines.append(f"{key:15} {result['missing']}")
            continue
        seconds = [one["seconds_per_epoch"] for one in result["runs"]]
        lines.append(
            f"{key:15}{result['seconds_per_epoch']:8.2f}"
            f"{min(seconds):10.2f} - {max(seconds):6.2f}"
            f"{result['train_seconds']:7.2f}{result['test_seconds']:6.2f}"
            f"{IMAGES / result['seconds_per_epoch']:10.0f}{result['peak_mb']:9.0f}"
            f"{result['loss']:7.3f}{result['test_acc']:9.3f}")
    for a, b in RATIOS:
        if all("runs" in results.get(key, {}) for key in (a, b)):
            lines.append(f"{a} / {b}: " + ", ".join(
                f"{name} {results[a][name] / results[b][name]:.2f}"
                for name in ("seconds_per_epoch", "peak_mb")))
    return "\n".join(lines)


def nine_runs(folder, rounds, num_epochs):
    """Seconds of the nine runs each way, in turn: name -> list."""
    given = {"EPOCHS": num_epochs, "FOLDER": folder}
    names = [name for name, command in NINE.items() if Path(command[0]).exists()]
    found = {name: [] for name in names}
    for name in tqdm(names * rounds, unit="nine runs"):
        command = [given.get(part, part) for part in NINE[name]]
        found[name].append(run(command)["seconds"])
    return found


def layer_table(layers):
    lines = [f"memory bandwidth, two threads copying: "
             f"{layers['bytes_per_second'] / 1e9:.1f} GB/s",
             f"{'one layer, ms':18}{'shape':>20}{'built-in':>10}{'scratch':>9}"
             f"{'ratio':>7}{'MB to move':>12}{'limit':>8}"]
    for row in layers["rows"]:
        lines.append(f"{row['group']:18}{str(tuple(row['shape'])):>20}"
                     f"{row['builtin']:10.2f}{row['scratch']:9.2f}"
                     f"{row['scratch'] / row['builtin']:7.2f}{row['mb']:12.1f}"
                     f"{row['limit']:8.2f}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=list(CANDIDATES), metavar="KEY")
    parser.add_argument("--epochs", type=int, default=1, help="of the nine runs")
    arguments = parser.parse_args()
    found = {key: [] for key in arguments.only}
    missing = {} if TORCH_PYTHON.exists() else {"torch": "PyTorch is not installed"}
    folder = find_fashion_mnist()
    with tempfile.TemporaryDirectory() as decompressed:
        for name in FILES:
            Path(decompressed, name).write_bytes(read_verified(folder, name))
        turns = [key for _ in range(arguments.runs) for key in found
                 if key not in missing]
        for key in tqdm(turns, unit="run"):
            command, environment = CANDIDATES[key], {}
            if key == "torch":
                command = [*command, decompressed]
            elif key.startswith("d2lzh"):
                environment = {"D2L_BN_TUNE": "0"}
            found[key].append(run(command, **environment))
        nine = nine_runs(decompressed, max(1, arguments.runs // 2), arguments.epochs)
    results = {key: summary(runs) if runs else {"missing": missing[key]}
               for key, runs in found.items()}
    print(table(results), flush=True)
    for name, seconds in nine.items():
        print(f"{name:30} {statistics.median(seconds):6.0f} s for {arguments.epochs} "
              f"epochs each ({min(seconds):.0f} - {max(seconds):.0f})", flush=True)
    results["nine_runs"] = nine
    results["layers"] = run([sys.executable, HERE / "layers.py"])
    print(layer_table(results["layers"]))
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
