"""A GPU build of MXNet finds NVIDIA's libraries, and leaves cards that it cannot use.

The driver, its cards, the libraries and the GPU build are made up.
"""
import re
import shutil
from pathlib import Path

from d2l_bn import cuda_libraries

import pytest
from fresh_python import output

ROOT = Path(__file__).resolve().parent.parent
NAMES = list(cuda_libraries.LIBRARIES)


def failure(done):
    """The message of the ImportError that ended a process; it has several lines."""
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr.partition("\nImportError: ")[2]


def test_a_gpu_build_finds_the_libraries_that_pip_installed(gpu_machine):
    alone = gpu_machine("import mxnet")
    assert alone.returncode == 1 and "cannot open shared object file" in alone.stderr
    done = gpu_machine("import d2l_bn")
    assert output(done).splitlines() == [*NAMES, "libmxnet.so", "engine None"]
    assert done.stderr == ""


def test_the_systems_libraries_do_where_pip_has_none(gpu_machine):
    for folder in gpu_machine.site.glob("nvidia*"):
        shutil.rmtree(folder)
    done = gpu_machine(LD_LIBRARY_PATH=gpu_machine.libraries)
    assert output(done).splitlines()[:-1] == [*NAMES, "libmxnet.so"]


@pytest.mark.parametrize("why, environment", [
    ("this MXNet has code for compute capability 5.0 to 8.9, not for 9.0 Card 0",
     {"MADE_UP_CARDS": "9.0"}),
    ("NVIDIA's driver answers cuInit with error 100 (made up)",
     {"MADE_UP_ERROR": "100"})])
def test_the_cpu_is_taken_and_one_line_says_why(gpu_machine, why, environment):
    done = gpu_machine("import d2l_bn", **environment)
    assert output(done).endswith("engine NaiveEngine")
    assert done.stderr == f"d2l_bn takes the CPU: {why} (docs/gpu.md)\n"


@pytest.mark.parametrize("lines, why, environment", [
    (["3.7 Card 0", "12.0 Card 1"], "", {"MADE_UP_CARDS": "3.7 12.0"}),
    ([], "NVIDIA's driver shows no card", {"MADE_UP_CARDS": ""}),
    ([], "for CUDA 10.2; CUDA 11 needs 450.80.02", {"MADE_UP_VERSION": "10020"}),
    ([], "ended with status -6", {"MADE_UP_ERROR": "-1"})])  # the driver crashed
def test_the_driver_is_asked_for_its_cards(
        made_up_cuda, monkeypatch, lines, why, environment):
    for name, value in {"LD_LIBRARY_PATH": str(made_up_cuda[0]), "MADE_UP_CARDS": "7.5",
                        "MADE_UP_VERSION": "11080", **environment}.items():
        monkeypatch.setenv(name, value)
    cards, why_none = cuda_libraries._cards()
    assert cards == lines and why in why_none


def test_all_can_be_left_to_mxnet(gpu_machine):
    done = gpu_machine(MADE_UP_CARDS="9.0", D2L_BN_TUNE="0")
    assert output(done).endswith("libmxnet.so\nengine None") and done.stderr == ""


def test_without_a_driver_the_cpu_build_is_named(gpu_machine, tmp_path):
    (tmp_path / cuda_libraries.DRIVER).touch()  # before a driver that this machine has
    said = failure(gpu_machine(LD_LIBRARY_PATH=str(tmp_path)))
    assert "cannot be imported without NVIDIA's driver (libcuda.so.1)" in said
    assert "pip uninstall -y mxnet-cu112 mxnet-cu117 && pip install" in said
    assert "mxnet==1.9.1" in said and "cu11=" not in said


def test_missing_libraries_are_named_with_their_packages(gpu_machine):
    shutil.rmtree(gpu_machine.site / "nvidia_cublas_cu11-11.11.3.6.dist-info")
    (gpu_machine.site / "nvidia/cudnn/lib/libcudnn.so.8").unlink()
    with (gpu_machine.site / "nvidia/nccl/lib/libnccl.so.2").open("ab") as library:
        library.write(b"that of CUDA 12, installed over it")
    said = failure(gpu_machine())
    assert ("lacks libcublasLt.so.11, libcublas.so.11, libcudnn.so.8, libnccl.so.2. "
            "Install:\n    pip install --no-deps --force-reinstall "
            "nvidia-cublas-cu11==11.11.3.6 nvidia-cudnn-cu11==8.9.6.50 "
            "nvidia-nccl-cu11==2.21.5\n") in said
    assert "put the CPU build in its place" in said


def test_nothing_is_loaded_for_a_cpu_build(gpu_machine):
    with (gpu_machine.site / "mxnet" / "libmxnet.so").open("ab") as library:
        library.write(b"another one")  # a CPU build, installed over the GPU build
    only_prepare = "import cuda_libraries; print(cuda_libraries.prepare())"
    assert output(gpu_machine(only_prepare)) == "False"
    shutil.rmtree(gpu_machine.site / "mxnet_cu117-1.9.1.dist-info")
    assert output(gpu_machine(only_prepare)) == "False"


CARDS = ["7.5 Tesla T4", "9.0 NVIDIA H100", "8.0 NVIDIA A100"]


@pytest.mark.parametrize("cards, visible, left", [
    (CARDS, None, "0,2"), (CARDS, "2,0,1", "2,1"), (CARDS[1:2], "GPU-8932f937", ""),
    (CARDS[:1], None, None), (CARDS[:1], "3", "3"), (CARDS[1:2], "-1", "-1"),
    (CARDS[1:2], "", "")])
def test_unfit_cards_are_hidden_and_others_are_not(
        monkeypatch, capsys, cards, visible, left):
    monkeypatch.setattr(cuda_libraries, "_cards", lambda: (cards, "no card"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # so that it is restored
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    taken = cuda_libraries.hide_unfit_cards()
    assert cuda_libraries.os.environ.get("CUDA_VISIBLE_DEVICES") == left
    assert taken == (left not in ("", "-1"))
    said = capsys.readouterr().err
    assert said.count("\n") == (left != visible) and ("H100" in said) == bool(said)
    if not taken:  # the process that it starts says nothing again
        assert not cuda_libraries.hide_unfit_cards() and capsys.readouterr().err == ""


@pytest.mark.parametrize("capability, taken", [
    ("3.7", False), ("5.0", True), ("6.1", True), ("7.0", True), ("8.6", True),
    ("8.9", True), ("9.0", False), ("12.0", False)])
def test_cards_that_mxnet_has_code_for_are_taken(monkeypatch, capability, taken):
    monkeypatch.setattr(cuda_libraries, "_cards", lambda: ([f"{capability} A"], ""))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert cuda_libraries.hide_unfit_cards() == taken


def test_a_missing_library_of_the_system_is_not_blamed_on_cuda(monkeypatch):
    def load(name):
        raise OSError("libquadmath.so.0: cannot open shared object file")

    monkeypatch.setattr(cuda_libraries.ctypes, "CDLL", load)
    with pytest.raises(OSError, match="libquadmath"):
        cuda_libraries.load()


def test_the_guide_installs_these_packages_and_no_other():
    guide = (ROOT / "docs" / "gpu.md").read_text()
    [line] = re.findall(r"^pip install --no-deps (mxnet-cu117.*)$", guide, re.M)
    assert set(line.split()) == {"mxnet-cu117==1.9.1",
                                 *cuda_libraries.LIBRARIES.values()}
