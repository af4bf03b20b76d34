"""A made-up CUDA, built with gcc: a driver, libraries as pip puts them, a GPU build."""
import os
import shutil
import subprocess
import textwrap
from pathlib import Path

from d2l_bn import cuda_libraries

import pytest

# What it answers is in the environment: MADE_UP_VERSION, MADE_UP_ERROR, and the cards'
# capabilities in MADE_UP_CARDS, as "7.5 9.0". The error -1 is a crash.
DRIVER = r"""
    #include <stdio.h>
    #include <stdlib.h>
    static const char *text(const char *name) {
        return getenv(name) ? getenv(name) : "";
    }
    static int cards(int wanted, int *capability) {  // all: -1
        const char *place = text("MADE_UP_CARDS");
        int found = 0, length;
        while (sscanf(place, "%d.%d%n", capability, capability + 1, &length) == 2
               && found++ != wanted)
            place += length;
        return found;
    }
    int cuDriverGetVersion(int *version) {
        *version = atoi(text("MADE_UP_VERSION"));
        return 0;
    }
    int cuInit(unsigned flags) {
        if (atoi(text("MADE_UP_ERROR")) < 0) abort();
        return atoi(text("MADE_UP_ERROR"));
    }
    int cuGetErrorString(int error, const char **said) {
        *said = "made up";
        return 0;
    }
    int cuDeviceGetCount(int *count) {
        int capability[2];
        *count = cards(-1, capability);
        return 0;
    }
    int cuDeviceGet(int *device, int ordinal) {
        *device = ordinal;
        return 0;
    }
    int cuDeviceGetName(char *name, int length, int device) {
        snprintf(name, length, "Card %d", device);
        return 0;
    }
    int cuDeviceGetAttribute(int *value, int attribute, int device) {
        int capability[2];
        cards(device, capability);
        *value = capability[attribute - 75];
        return 0;
    }
    """
LIBRARY = """
    #include <stdio.h>
    __attribute__((constructor)) static void loaded(void) {
        puts(NAME);
        fflush(stdout);
    }
    """
ASK_FOR = {"libcublas.so.11": ["libcublasLt.so.11"],
           "libcusolver.so.11": ["libcublas.so.11", "libcublasLt.so.11"]}
MXNET = """
    import ctypes, os, pathlib
    ctypes.CDLL(pathlib.Path(__file__).with_name("libmxnet.so"))
    print("engine", os.environ.get("MXNET_ENGINE_TYPE"))
    raise SystemExit
    """


def compile_library(path, source, *asked_for):
    """Compile a shared library, which asks for others by their names."""
    if shutil.which("gcc") is None:
        pytest.fail("the made-up CUDA is compiled, and there is no gcc here: "
                    "apt-get install gcc libc6-dev", pytrace=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", path,
                    f"-Wl,-soname,{path.name}", f'-DNAME="{path.name}"', "-x", "none",
                    "-Wl,--no-as-needed", *asked_for], input=source, text=True,
                   check=True, timeout=60)


def install(site, requirement, *files):
    """Write down, as pip does, that these files of the folder are of a distribution."""
    name, version = requirement.split("==")
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(exist_ok=True)
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (folder / "RECORD").write_text("".join(
        f"{file.relative_to(site)},,{file.stat().st_size}\n" for file in files))


@pytest.fixture(scope="session")
def made_up_cuda(tmp_path_factory):
    """A folder for LD_LIBRARY_PATH with the driver, and one for PYTHONPATH."""
    root = tmp_path_factory.mktemp("cuda")
    driver, site = root / "driver" / cuda_libraries.DRIVER, root / "site"
    compile_library(driver, DRIVER)
    places = {}
    for library, requirement in cuda_libraries.LIBRARIES.items():
        folder = requirement.removeprefix("nvidia-").split("-cu11")[0].replace("-", "_")
        places[library] = site / "nvidia" / folder / "lib" / library
        compile_library(places[library], LIBRARY,
                        *(places[name] for name in ASK_FOR.get(library, ())))
    for requirement in set(cuda_libraries.LIBRARIES.values()):
        install(site, requirement, *(places[library] for library, its in
                                     cuda_libraries.LIBRARIES.items()
                                     if its == requirement))
    compile_library(site / "mxnet" / "libmxnet.so", LIBRARY, driver, *places.values())
    (site / "mxnet" / "__init__.py").write_text(textwrap.dedent(MXNET))
    install(site, "mxnet-cu117==1.9.1", site / "mxnet" / "libmxnet.so")
    (site / "cuda_libraries.py").symlink_to(cuda_libraries.__file__)
    return driver.parent, site


@pytest.fixture
def gpu_machine(made_up_cuda, tmp_path, python):
    """A function that runs Python where a GPU build is; `site` can be changed.

    Where nothing more is asked for, `cuda_libraries` alone is imported, which is quick.
    """
    folder, site = made_up_cuda

    def run(code="import cuda_libraries; cuda_libraries.prepare(); import mxnet",
            **environment):
        return python(code, [run.site], **{
            "LD_LIBRARY_PATH": str(folder), "MADE_UP_VERSION": "11080",
            "MADE_UP_CARDS": "7.5", "CUDA_VISIBLE_DEVICES": None, **environment})

    run.site = Path(shutil.copytree(site, tmp_path / "site"))
    run.libraries = os.pathsep.join(
        [str(folder), *map(str, site.glob("nvidia/*/lib"))])
    return run
