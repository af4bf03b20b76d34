"""mxnet.onnx gets the module onnx.mapping that onnx no longer has."""
from fresh_python import output


def test_the_course_is_imported_without_onnx_which_keeps_its_own_mapping(python,
                                                                         tmp_path):
    package = tmp_path / "old" / "onnx"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "mapping.py").write_text("OWN = True\n")
    assert output(python("""
        import sys
        sys.modules["onnx"] = None  # as where it is not installed
        import d2l_bn
        del sys.modules["onnx"]
        from onnx import mapping
        print(mapping.OWN)
        """, [package.parent])) == "True"


def test_mapping_agrees_with_onnx_and_export_computes_what_the_net_does(python):
    assert output(python("""
        import warnings
        import d2l_bn
        import numpy, onnx
        import mxnet as mx
        from mxnet import autograd, init, nd
        from mxnet.gluon import nn
        from onnx import mapping, TensorProto
        from onnx.reference import ReferenceEvaluator

        known = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE,
                 "float16": TensorProto.FLOAT16, "int8": TensorProto.INT8,
                 "int32": TensorProto.INT32, "int64": TensorProto.INT64,
                 "uint8": TensorProto.UINT8, "bool": TensorProto.BOOL}
        for name, kind in known.items():
            assert mapping.NP_TYPE_TO_TENSOR_TYPE[numpy.dtype(name)] == kind, name
            assert mapping.TENSOR_TYPE_TO_NP_TYPE[kind] == numpy.dtype(name), name
        assert onnx.mapping is mapping

        net = nn.HybridSequential()
        net.add(nn.Conv2D(3, 3), nn.BatchNorm(), nn.Activation("sigmoid"), nn.Dense(2))
        net.initialize(init.Xavier())
        net.hybridize()
        X = nd.random.normal(shape=(4, 1, 6, 6))
        with autograd.record():
            loss = net(X).sum()
        loss.backward()  # moves the running statistics
        Y = net(X).asnumpy()
        net.export("net")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mx.onnx.export_model("net-symbol.json", "net-0000.params", [X.shape],
                                 numpy.float32, "net.onnx")
        [other] = ReferenceEvaluator("net.onnx").run(None, {"data": X.asnumpy()})
        assert abs(Y - other).max() < 1e-5 < abs(Y).max()
        print("same")
        """)).endswith("same")
