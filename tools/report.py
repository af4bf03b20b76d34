"""Print what a report of a fault needs: versions, processor, settings, MXNet's build.

    python tools/report.py      with the Python that runs the lessons

It needs nothing installed and tells no path and no name, so that it can be published.
"""
import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("mxnet", "mxnet-cu117", "mxnet-cu112", "d2lzh", "d2l_bn", "numpy",
            "matplotlib", "ipython", "ipykernel", "jupyterlab", "nbclient", "onnx",
            "onnxruntime")
# What MXNet and its libraries choose their kernels by.
FLAGS = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16",
         "amx_tile")
SETTINGS = re.compile(r"(MXNET|D2L_BN|OMP|MKL|DNNL|ONEDNN|OPENBLAS|CUDA|KMP)_")
ASK_MXNET = """
import d2l_bn, mxnet
print("imported", mxnet.__version__, "with", " ".join(
    name for name, feature in sorted(mxnet.runtime.Features().items())
    if feature.enabled))
print("GPUs that it sees:", mxnet.context.num_gpus())
"""


def printed(*command, seconds=300):
    """What a command printed, and its errors; one line when it cannot run or hangs."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,
                              timeout=seconds)  # a guard against a hang
    except (OSError, subprocess.TimeoutExpired) as err:
        return f"{type(err).__name__} of {Path(command[0]).name}"
    return (done.stdout + done.stderr).strip()


def without_paths(text):
    """The text with `...` in place of folders, which may hold a name."""
    text = text.replace(str(Path.home()), "~")
    return re.sub(r"(?<![\w.])[/~][^\s:'\",]*/", ".../", text)


def version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def processor():
    """The processor's name, and those of FLAGS that it has."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:  # not a Linux
        return platform.processor() or platform.machine(), []
    name = re.search(r"^model name\s*: (.*)$", text, re.M)
    flags = re.search(r"^flags\s*: (.*)$", text, re.M)
    has = flags[1].split() if flags else []
    return (name[1] if name else platform.machine(),
            [flag for flag in FLAGS if flag in has])


def cores():
    """How many cores the system has, and how many of them this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else "?"
    return f"{os.cpu_count()}, usable {usable}"


def report():
    """The lines of the report: (what, value)."""
    project = (ROOT / "pyproject.toml").read_text()
    course = re.search(r'^version = "(.*)"', project, re.M)[1]
    name, flags = processor()
    yield "course", f"{course}, {printed('git', 'describe', '--always', '--dirty')}"
    yield "Python", f"{platform.python_version()}, {platform.python_implementation()}"
    yield "system", f"{platform.platform()}, {' '.join(platform.libc_ver())}"
    yield "processor", name
    yield "its flags", " ".join(flags) or "unknown"
    yield "cores", cores()
    yield "packages", ", ".join(f"{package} {found}" for package in PACKAGES
                                if (found := version(package))) or "none of ours"
    yield "settings", ", ".join(f"{key}={value}" for key, value in sorted(
        os.environ.items()) if SETTINGS.match(key)) or "none"
    lacks = printed(sys.executable, "-I", str(ROOT / "d2l_bn" / "machine.py"))
    yield "the machine lacks", lacks or "nothing"
    # In a process of its own, which may die; of an error its end says what it was.
    answer = printed(sys.executable, "-c", ASK_MXNET).splitlines()
    yield "MXNet", "\n    ".join(answer[-8:]) or "the process that asked it died"


if __name__ == "__main__":
    for what, value in report():
        print(f"{what}: {without_paths(value)}")
