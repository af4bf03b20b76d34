"""What a GPU build of MXNet needs: NVIDIA's driver, CUDA 11's libraries and a card.

The libraries come from PyPI, where no loader looks for them: they are loaded before
MXNet is, which then finds them. A card that this MXNet holds no code for is hidden
from it, and the CPU is taken. A CPU build is left alone. See docs/gpu.md.

    python -I d2l_bn/cuda_libraries.py     names the cards that the driver shows

That is a process of its own, because the first question to the driver settles for the
whole process which cards it sees. It needs the standard library alone.
"""
import ctypes
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

GPU_BUILDS = ("mxnet-cu112", "mxnet-cu117")
DRIVER = "libcuda.so.1"
# The shared libraries that libmxnet.so asks for beside the driver, and what libcublas
# asks for. In this order each finds the others loaded. cuDNN 9 has no libcudnn.so.8.
LIBRARIES = {
    "libcudart.so.11.0": "nvidia-cuda-runtime-cu11==11.8.89",
    "libcublasLt.so.11": "nvidia-cublas-cu11==11.11.3.6",
    "libcublas.so.11": "nvidia-cublas-cu11==11.11.3.6",
    "libnvrtc.so.11.2": "nvidia-cuda-nvrtc-cu11==11.8.89",
    "libcudnn.so.8": "nvidia-cudnn-cu11==8.9.6.50",
    "libcufft.so.10": "nvidia-cufft-cu11==10.9.0.58",
    "libcurand.so.10": "nvidia-curand-cu11==10.3.0.86",
    "libcusparse.so.11": "nvidia-cusparse-cu11==11.7.5.86",
    "libcusolver.so.11": "nvidia-cusolver-cu11==11.4.1.48",
    "libnccl.so.2": "nvidia-nccl-cu11==2.21.5",
    "libnvToolsExt.so.1": "nvidia-nvtx-cu11==11.8.86",
}
# libmxnet.so holds machine code for 5.0, 6.0, 7.0, 8.0 and 8.6, and nothing that a
# driver could translate. Code runs on later cards of the same first number.
OLDEST, NEWEST = 5, 8
_CPU_BUILD = ("put the CPU build in its place, as both hold the package mxnet:\n"
              f"    pip uninstall -y {' '.join(GPU_BUILDS)} && "
              "pip install --no-deps mxnet==1.9.1")


def _installed(distribution, name):
    """Where pip put a file; None where it did not, or another file took its place.

    Packages overwrite each other's files: the CPU and the GPU builds of MXNet do, and
    CUDA 12's packages do with some of CUDA 11. The size tells them apart.
    """
    try:
        files = importlib.metadata.files(distribution) or ()
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        path = Path(file.locate()).resolve()
        if file.name == name and path.exists() and path.stat().st_size == file.size:
            return path
    return None


def gpu_build():
    """The name of the GPU build that `import mxnet` will load; None for another."""
    mxnet = importlib.util.find_spec("mxnet")
    if mxnet is None or mxnet.origin is None:
        return None
    library = Path(mxnet.origin).with_name("libmxnet.so").resolve()
    for build in GPU_BUILDS:
        if _installed(build, library.name) == library:
            return build
    return None


def named_in(err):
    """Which of the driver's and CUDA's libraries an error speaks of."""
    return [name for name in (DRIVER, *LIBRARIES) if name in str(err)]


def load():
    """Load the driver's library and CUDA's; return those that are missing.

    Their symbols stay their own (RTLD_LOCAL, as ctypes has it): a PyTorch in the same
    process brings libraries of another CUDA.
    """
    missing = {}
    for library, requirement in {DRIVER: DRIVER, **LIBRARIES}.items():
        try:
            # By its name alone, where pip has none, for the system to look for.
            ctypes.CDLL(str(_installed(requirement.split("==")[0], library) or library))
        except OSError as err:
            if not (named := named_in(err)):
                raise  # one of the system's libraries is missing
            missing |= dict.fromkeys(named)
    return list(missing)


def advice_on(missing):
    """What to do where a GPU build lacks these libraries, in plain words."""
    if DRIVER in missing:
        return (f"This MXNet is a GPU build and cannot be imported without NVIDIA's "
                f"driver ({DRIVER}), which this machine lacks. Install the driver "
                f"(docs/gpu.md) or {_CPU_BUILD}")
    packages = dict.fromkeys(LIBRARIES[library] for library in missing)
    return (f"This MXNet is a GPU build and lacks {', '.join(missing)}. Install:\n"
            f"    pip install --no-deps --force-reinstall {' '.join(packages)}\n"
            f"    or, without a GPU, {_CPU_BUILD}")


def print_cards():
    """Print the cards that the driver shows, one a line: capability, then name."""
    driver, number = ctypes.CDLL(DRIVER), ctypes.c_int()

    def call(function, *arguments):
        if status := getattr(driver, function)(*arguments):
            text = ctypes.c_char_p(b"")
            driver.cuGetErrorString(status, ctypes.byref(text))
            sys.exit(f"NVIDIA's driver answers {function} with error {status} "
                     f"({(text.value or b'no text').decode()})")

    def ask(function, *arguments):
        call(function, ctypes.byref(number), *arguments)
        return number.value

    if (version := ask("cuDriverGetVersion")) < 11000:
        sys.exit(f"NVIDIA's driver is one for CUDA {version // 1000}."
                 f"{version % 1000 // 10}; CUDA 11 needs 450.80.02 or newer")
    call("cuInit", 0)
    for ordinal in range(ask("cuDeviceGetCount")):
        device, name = ask("cuDeviceGet", ordinal), ctypes.create_string_buffer(256)
        call("cuDeviceGetName", name, len(name), device)
        # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR
        major, minor = (ask("cuDeviceGetAttribute", what, device) for what in (75, 76))
        print(f"{major}.{minor} {name.value.decode()}")


def _cards():
    """The lines of `print_cards`, and why there are none."""
    try:
        done = subprocess.run([sys.executable, "-I", __file__], capture_output=True,
                              text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as err:
        return [], f"NVIDIA's driver could not be asked: {err}"
    if done.returncode:
        said = done.stderr.strip().splitlines()
        return [], said[-1] if said else (
            f"asking NVIDIA's driver ended with status {done.returncode}")
    return done.stdout.splitlines(), "NVIDIA's driver shows no card"


def hide_unfit_cards():
    """Hide the cards that MXNet holds no code for, and say so; is another one there?

    Every way to ask MXNet for a GPU then finds the others alone, or none.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible in ("", "-1"):
        return False  # all hidden before, by the user or by the process above this one
    cards, why_none = _cards()
    names = visible.split(",") if visible else map(str, range(len(cards)))
    fit = {name: card for name, card in zip(names, cards, strict=False)
           if OLDEST <= int(card.split(".")[0]) <= NEWEST}
    unfit = [card for card in cards if card not in fit.values()]
    if unfit:
        why_none = (f"this MXNet has code for compute capability {OLDEST}.0 to "
                    f"{NEWEST}.9, not for {', '.join(unfit)}")
    if unfit or not fit:
        os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(fit)
        taken = ", ".join(fit.values()) or "the CPU"
        print(f"d2l_bn takes {taken}: {why_none} (docs/gpu.md)", file=sys.stderr)
    return bool(fit)


def prepare():
    """Make a GPU build of MXNet ready to load; return whether it will use a GPU."""
    if gpu_build() is None:
        return False
    if missing := load():
        raise ImportError(advice_on(missing))
    return os.getenv("D2L_BN_TUNE") == "0" or hide_unfit_cards()


if __name__ == "__main__":
    print_cards()
