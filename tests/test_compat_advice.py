"""What `import d2l_bn` says where MXNet cannot be made to work."""
import sys

import pytest
from fresh_python import error, output

BLOCKED = """
    import importlib.abc, sys
    class Blocked(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] in {names}:
                raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
    sys.meta_path.insert(0, Blocked())
    import d2l_bn
    """


def test_absent_mxnet_is_reported_with_what_to_install(python):
    said = error(python(BLOCKED.format(names=["mxnet"])))
    assert said.startswith("ImportError: MXNet is not installed")
    assert "pip install mxnet==1.9.1 d2lzh==1.0.0" in said


def test_module_that_mxnet_misses_is_reported_unchanged(python, stub):
    said = error(python("import d2l_bn", stub("import no_such_module")))
    assert said == "ModuleNotFoundError: No module named 'no_such_module'"


GPU = ("libcuda.so.1", "libcudart.so.11.0", "libcublas.so.11", "libcudnn.so.8",
       "libnccl.so.2", "libnvrtc.so.11.2", "libcufft.so.10", "libnvToolsExt.so.1")
SYSTEM = {"libgomp.so.1": "libgomp1", "libquadmath.so.0": "libquadmath0",
          "libstdc++.so.6": "libstdc++6", "libgcc_s.so.1": "libgcc-s1"}


def test_missing_libraries_are_reported_with_what_to_install(python, stub):
    lines = output(python(f"""
        import os
        for library in {(*GPU, *SYSTEM)}:
            os.environ["LIBRARY"] = library
            try:
                import d2l_bn
            except ImportError as err:
                print(repr(str(err)))
        """, stub("""
        import os
        raise OSError(os.environ["LIBRARY"] + ": cannot open shared object file: No "
                      "such file or directory")
        """))).splitlines()
    for library, said in zip((*GPU, *SYSTEM), lines, strict=True):
        expected = ["GPU build", "CPU build", "pip uninstall -y mxnet-cu112 mxnet-cu",
                    "mxnet==1.9.1"] if library in GPU else [SYSTEM[library]]
        assert all(words in said for words in (library, *expected)), said
        assert ("GPU" in said) == (library in GPU)


def test_other_failures_of_the_import_pass_through_unchanged(python, stub):
    said = error(python("import d2l_bn", stub("raise OSError(5, 'disk on fire')")))
    assert said == "OSError: [Errno 5] disk on fire"


@pytest.mark.parametrize("names", [["setuptools"]] + [["setuptools", "distutils"]]
                         * (sys.version_info >= (3, 12)))
def test_missing_setuptools_is_reported_where_python_has_no_distutils(python, names):
    if sys.version_info >= (3, 12):
        said = error(python(BLOCKED.format(names=names)))
        assert said.startswith("ImportError: ")
        assert "distutils" in said and "pip install setuptools" in said
    else:
        output(python(BLOCKED.format(names=names)))
