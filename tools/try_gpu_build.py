"""Try the GPU build of MXNet where there is no GPU, installed as docs/gpu.md says.

    .venv/bin/python tools/try_gpu_build.py [FOLDER]

In FOLDER (build/gpu if not given), made afresh and removed at the end, a driver that
knows of no card takes NVIDIA's place. It prints where each library came from. Needs
gcc, a network, 7 GB of disk and ten minutes; it downloads 2.6 GB.
"""
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# All that libmxnet.so asks of it, and what the CUDA runtime looks up by name.
DRIVER = r"""
    #include <dlfcn.h>
    int none(void) { return 100; }  // CUDA_ERROR_NO_DEVICE
    #define NONE(name) int name() __attribute__((alias("none")));
    NONE(cuInit) NONE(cuDeviceGet) NONE(cuDeviceGetCount) NONE(cuDevicePrimaryCtxRetain)
    NONE(cuGraphKernelNodeGetParams) NONE(cuGraphNodeGetType) NONE(cuLaunchKernel)
    NONE(cuModuleGetFunction) NONE(cuModuleLoadData) NONE(cuModuleLoadDataEx)
    NONE(cuModuleUnload)
    int cuDriverGetVersion(int *version) { *version = 11080; return 0; }
    int cuGetErrorString(int error, const char **text) {
        *text = "no CUDA-capable device is detected";
        return 0;
    }
    int cuGetProcAddress(const char *name, void **found, int version, long flags) {
        void *own = dlsym(RTLD_DEFAULT, name);
        *found = own ? own : (void *)none;
        return 0;
    }
    """
TRAIN = """
    import ctypes, pathlib, sys
    import d2l_bn
    from d2l_bn import cuda_libraries
    import d2lzh as d2l, mxnet as mx, numpy

    build = cuda_libraries.gpu_build()
    assert build == "mxnet-cu117" and mx.runtime.Features().is_enabled("CUDA")
    ctx = d2l.try_gpu()
    net = d2l_bn.make_lenet(d2l_bn.built_in, 0, ctx)
    data = [(mx.nd.random.uniform(shape=(8, 1, 28, 28), ctx=ctx), mx.nd.arange(8))]
    history = d2l_bn.train(net, data, data, 1, .1)
    print(f"{build}, Python {sys.version.split()[0]}, NumPy {numpy.__version__}: "
          f"a step on {ctx}, loss {history.loss[-1]:.3f}")
    # What two of the libraries load by themselves: cuDNN's parts, the compiler's.
    cudnn, nvrtc = map(ctypes.CDLL, ("libcudnn.so.8", "libnvrtc.so.11.2"))
    for part in ("OpsInfer", "OpsTrain", "CnnInfer", "CnnTrain", "AdvInfer",
                 "AdvTrain"):
        assert getattr(cudnn, f"cudnn{part}VersionCheck")() == 0, part
    program = ctypes.c_void_p()
    assert nvrtc.nvrtcCreateProgram(ctypes.byref(program), b"__global__ void f() {}",
                                    b"f.cu", 0, None, None) == 0
    assert nvrtc.nvrtcCompileProgram(program, 0, None) == 0
    paths = [pathlib.Path(line.split()[-1]) for line in open("/proc/self/maps")]
    loaded = {path for path in paths if ".so." in path.name + "." and
              path.name.startswith(("libcu", "libnv", "libnccl", "libmxnet"))}
    for path in sorted(loaded, key=lambda path: path.name):
        print(f"{path.name:25} {path.stat().st_size / 1e6:7.1f} MB  {path}")
    names = {path.name for path in loaded}
    assert names >= {"libmxnet.so", cuda_libraries.DRIVER, *cuda_libraries.LIBRARIES}
    foreign = [path for path in loaded if pathlib.Path(sys.prefix) not in path.parents]
    assert [path.name for path in foreign] == [cuda_libraries.DRIVER], foreign
    """


def documented():
    """The commands that docs/gpu.md gives for the installation."""
    page = (ROOT / "docs" / "gpu.md").read_text(encoding="utf-8")
    return re.search(r"^## Install$.*?^```\n(.*?)^```$", page, re.M | re.S).group(1)


def needed():
    """What the course needs beside MXNet and d2lzh, whose metadata wants NumPy 1."""
    return [text for text in importlib.metadata.requires("d2l_bn")
            if not text.startswith(("mxnet", "d2lzh")) and "extra ==" not in text]


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def try_in(folder):
    """Make the environment, install and train; an error ends it."""
    environment, driver = folder / "venv", folder / "driver" / "libcuda.so.1"
    kept = {**os.environ, "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONNOUSERSITE": "1",
            "PYTHONPATH": str(ROOT)}
    kept.pop("LD_LIBRARY_PATH", None)

    def run(*command, **more):
        return subprocess.run(command, check=True, cwd=folder, env=kept | more)

    run(sys.executable, "-m", "venv", environment)
    run("pip", "install", "--quiet", *needed())
    run("pip", "install", "--quiet", "--no-deps", "mxnet==1.9.1", "d2lzh==1.0.0")
    before = size(environment)
    print(documented(), flush=True)
    run("sh", "-ec", documented().replace("pip install", "pip install --quiet"))
    print(f"{(size(environment) - before) / 1e9:.1f} GB more than the CPU build\n")
    driver.parent.mkdir()
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", driver, "-ldl",
                    "-Wl,-soname,libcuda.so.1"], input=DRIVER, text=True, check=True)
    run("python", "-c", textwrap.dedent(TRAIN), LD_LIBRARY_PATH=str(driver.parent))
    without = subprocess.run(["python", "-c", "import d2l_bn"], cwd=folder, env=kept,
                             capture_output=True, text=True)
    print("\nwithout the driver:", without.stderr.partition("\nImportError: ")[2])
    if "cannot be imported without NVIDIA's driver" not in without.stderr:
        sys.exit(f"It should say that the driver is missing: {without.stderr}")


def main():
    folder = Path(*sys.argv[1:] or [ROOT / "build" / "gpu"]).resolve()
    if folder.exists():
        sys.exit(f"{folder} is there: remove it first, or name another folder")
    folder.mkdir(parents=True)
    try:
        try_in(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
