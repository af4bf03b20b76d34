"""What MXNet 1.9.1 asks of NumPy, multiprocessing and onnx, and no longer gets there.

MXNet's own modules are given it; NumPy and the others are left as they were found.
"""
import contextlib
import importlib.abc
import importlib.machinery
import multiprocessing
import sys
import types

import numpy

# What MXNet asks NumPy for, and one NumPy or another no longer has.
REMOVED_FROM_NUMPY = {
    "bool": bool, "int": int, "PZERO": 0.0, "NZERO": -0.0,
    "PINF": numpy.inf, "Inf": numpy.inf, "NINF": -numpy.inf,
    "NAN": numpy.nan, "NaN": numpy.nan,
    "alltrue": numpy.all, "sometrue": numpy.any, "product": numpy.prod,
    "round_": numpy.round, "msort": lambda a: numpy.sort(a, axis=0),
    "in1d": lambda *args, **kwargs: numpy.isin(*args, **kwargs).reshape(-1),
    "trapz": getattr(numpy, "trapezoid", None),
    "compat": types.SimpleNamespace(basestring=str),
    # Financial functions, gone since NumPy 1.20, which nothing calls.
    **dict.fromkeys(("mirr", "npv", "pmt", "ppmt", "pv", "rate")),
}
# The modules of MXNet that turn arguments into text for its C++ code.
MAKERS_OF_TEXT = ("_ctypes.ndarray", "_ctypes.symbol", "symbol.symbol", "io.io",
                  "kvstore.base", "profiler")
# What starts processes in multiprocessing, or says how.
START_PROCESSES = ("Pool", "Process", "get_context")


def mend(mxnet):
    """Give an imported MXNet what it asks for when it runs. Twice does no harm."""
    modules = {name.removeprefix(f"{mxnet.__name__}."): module
               for name, module in sys.modules.items()
               if name.split(".")[0] == mxnet.__name__}
    _give_numpy(modules)
    _rename_methods(modules["recordio"])
    _take_named_tuples(modules["numpy.multiarray"])
    for name in MAKERS_OF_TEXT:
        modules[name].str = Text
    modules["gluon.data.dataloader"].multiprocessing = _module_with(
        multiprocessing, lambda name: getattr(_context(), name), START_PROCESSES)
    if not any(isinstance(finder, OnnxMapping) for finder in sys.meta_path):
        sys.meta_path.append(OnnxMapping())  # last: onnx's own comes first


def _module_with(module, give, names):
    """A module that has what `module` has, but for these names what `give` gives."""
    standin = types.ModuleType(module.__name__, module.__doc__)
    standin.__getattr__ = lambda name: (
        give(name) if name in names else getattr(module, name))
    return standin


# NumPy ------------------------------------------------------------------------------

@contextlib.contextmanager
def removed_numpy_names():
    """Let NumPy have the names that it removed, for the length of a `with` block."""
    found = numpy.__getattr__  # NumPy's own: loads numpy.random and others lazily
    numpy.__getattr__ = lambda name: (
        REMOVED_FROM_NUMPY[name] if name in REMOVED_FROM_NUMPY else found(name))
    try:
        yield
    finally:
        numpy.__getattr__ = found


def _give_numpy(modules):
    """Let modules that use NumPy find in it what it has and what it removed."""
    names = {name: value for name, value in REMOVED_FROM_NUMPY.items()
             if name not in vars(numpy)}
    if hasattr(numpy.lib, "array_utils"):  # the place of what NumPy 2 has in core
        names["core"] = types.SimpleNamespace(numeric=numpy.lib.array_utils)
    standin = _module_with(numpy, names.get, names)
    for module in modules.values():
        for name, value in list(vars(module).items()):
            if value is numpy:
                setattr(module, name, standin)


def _rename_methods(recordio):
    """NumPy's arrays have `tobytes` and no longer the same under an older name."""
    for function in (recordio.pack, recordio.pack_img):
        code = function.__code__
        names = ("tobytes" if name == "tostring" else name for name in code.co_names)
        function.__code__ = code.replace(co_names=tuple(names))


def _take_named_tuples(arrays):
    """Let MXNet convert named tuples, which NumPy's qr gives, as it does plain ones."""
    convert = arrays._as_mx_np_array
    if convert.__module__ == __name__:
        return  # done before

    def _as_mx_np_array(value, ctx=None):
        return convert(tuple(value) if isinstance(value, tuple) else value, ctx)

    arrays._as_mx_np_array = _as_mx_np_array


class _TypeOfText(type):
    """Lets `isinstance(x, Text)` ask what `isinstance(x, str)` does."""

    def __instancecheck__(cls, value):
        return isinstance(value, str)


class Text(metaclass=_TypeOfText):
    """`str` as modules of MXNet need it: `Text((numpy.int64(3),))` is "(3,)".

    `str` with NumPy 2 gives "(np.int64(3),)", which MXNet's C++ code does not read.
    """

    def __new__(cls, value=""):
        return _literal(value) if isinstance(value, (tuple, list)) else str(value)


def _literal(value):
    """The text of a value within a tuple or a list, as NumPy 1 would write it."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, (numpy.number, numpy.bool_)):
        return str(value)
    return repr(str(value) if isinstance(value, str) else value)


# Processes and onnx -----------------------------------------------------------------

def _context():
    """How to start processes: as the user said, else by a fork where that is usual.

    MXNet's DataLoader is written for it, and waits for ever for workers started in the
    way that Python 3.14 starts them by itself.
    """
    usual = "fork" if sys.platform == "linux" else None
    return multiprocessing.get_context(
        multiprocessing.get_start_method(allow_none=True) or usual)


class OnnxMapping(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Supplies the module onnx.mapping, which mxnet.onnx needs, where onnx has none."""

    def find_spec(self, name, path=None, target=None):
        if name == "onnx.mapping":
            return importlib.machinery.ModuleSpec(name, self)
        return None

    def exec_module(self, module):
        helper = importlib.import_module("onnx.helper")
        module.TENSOR_TYPE_TO_NP_TYPE = {
            kind: helper.tensor_dtype_to_np_dtype(kind)
            for kind in helper.get_all_tensor_dtypes()}
        module.NP_TYPE_TO_TENSOR_TYPE = {
            dtype: helper.np_dtype_to_tensor_dtype(dtype)
            for dtype in module.TENSOR_TYPE_TO_NP_TYPE.values()}
