"""Small ONNX files, right and wrong, and ways of comparing them with a net.

onnx and onnxruntime are imported where they are needed.
"""
import numpy as np
from mxnet import nd
from mxnet.gluon import nn

from .folding import line_of, random_layer
from .judge import Unexpected


def write_linear(path, W, b, batch="batch", centre=None):
    """Write a file that computes X W^T + b for X of shape (batch, inputs).

    batch: a name for any size, or the one number that the file takes.
    centre: None, or what the mean of each input over the batch is moved to.
    """
    from onnx import TensorProto, helper, numpy_helper, save

    arrays = {"W": W, "b": b}
    nodes = [helper.make_node("Gemm", ["centred" if centre is not None else "data",
                                       "W", "b"], ["scores"], transB=1)]
    if centre is not None:
        arrays["centre"] = centre
        nodes = [helper.make_node("ReduceMean", ["data"], ["mean"], axes=[0]),
                 helper.make_node("Sub", ["data", "mean"], ["without"]),
                 helper.make_node("Add", ["without", "centre"], ["centred"]), *nodes]
    graph = helper.make_graph(
        nodes, "linear",
        *([helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, length])]
          for name, length in (("data", W.shape[1]), ("scores", len(W)))),
        [numpy_helper.from_array(array.astype("float32"), name)
         for name, array in arrays.items()])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)],
                           ir_version=8), str(path))
    return str(path)


def cases_of_files(folder):
    """Files that predict as a net of dense layer and BN does, or do not."""
    random = np.random.RandomState(7)
    X = nd.array(random.normal(size=(12, 6)))

    def net_and_line(eps=1e-3, shift=0.):
        net = nn.HybridSequential()
        net.add(random_layer(nn.Dense(4, in_units=6), random),
                random_layer(nn.BatchNorm(in_channels=4, epsilon=eps), random))
        net[1].running_var.set_data(nd.array(random.uniform(1, 2, 4)))
        net[1].beta.set_data(net[1].beta.data() + shift)
        return net, *line(net)

    def line(net, eps=None):
        W, b = (p.data().asnumpy() for p in (net[0].weight, net[0].bias))
        s, more = line_of(net[1], eps=eps)
        return W * s[:, None], b * s + more

    net, W, b = net_and_line()
    far, far_W, far_b = net_and_line(shift=1000.)
    _, other_W, other_b = net_and_line()
    one_off = b + np.array([0, 0, 1.6e-5 * abs(net(X).asnumpy()).max(), 0])
    files = [
        ("a right file", net, W, b, {}),
        ("a file of another net", net, other_W, other_b, {}),
        ("a fold without epsilon", net, *line(net, eps=0), {}),
        ("a right file for 12 images, no other number", net, W, b, {"batch": 12}),
        ("a right file for one image, no other number", net, W, b, {"batch": 1}),
        ("a file that normalises with the batch", net, W, b,
         {"centre": X.asnumpy().mean(0)}),
        ("a file whose scores are all too small by 0.1", net, W, b - 0.1, {}),
        ("scores near 1000, too large by 0.002", far, far_W, far_b + 2e-3, {}),
        ("a file with one class too large, by 1.6e-5 of the largest score", net, W,
         one_off, {}),
        ("a file that gives NaN for a class", net, W, b + [0, np.nan, 0, 0], {})]
    return [{"given": given,
             "path": write_linear(folder / f"{i}.onnx", W, b, **options),
             "net": net, "X": X}
            for i, (given, net, W, b, options) in enumerate(files)]


def onnx_difference(path, net, X):
    """As in the lesson: ONNX Runtime's scores less the net's, and the net's scores."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    scores = net(X).asnumpy()
    return session.run(None, {"data": X.asnumpy()})[0] - scores, abs(scores).max()


def is_near(difference, largest):
    return bool(abs(difference).max() < 1e-5 * largest)


def compared(sizes=(slice(None), slice(1)), near=is_near, refused=False):
    """same_predictions that looks at these images in this way."""
    def same_predictions(path, net, X):
        try:
            return all(near(*onnx_difference(path, net, X[size])) for size in sizes)
        except Exception:  # ONNX Runtime refuses a batch size with several kinds
            if refused:
                raise
            return False
    return same_predictions


def by_labels(sizes=(slice(None), slice(1)), refused=False):
    """same_predictions that compares the labels of these images, not the scores."""
    def same_predictions(path, net, X):
        try:
            for images in (X[size] for size in sizes):
                difference, _ = onnx_difference(path, net, images)
                scores = net(images).asnumpy()
                if ((scores + difference).argmax(1) != scores.argmax(1)).any():
                    return False
            return True
        except Exception:
            if refused:
                raise
            return False
    return same_predictions


def mistaken_comparisons():
    """(mistaken same_predictions, sentence) for `judge`."""
    whole = "Only the whole of X is compared: a program often sends one image."
    labels = "Labels are compared, not scores: the scores may differ a lot."
    both = (slice(None), slice(1))
    return [
        (lambda path, net, X: False,
         "Each file is refused, the right ones too. Your `except` may have caught an "
         "error of your own: run the lines once without `try`."),
        (compared((slice(None),)), whole),
        (compared((slice(1),)), "Only the first image is compared, not all of X."),
        (compared(refused=True), "The file refuses a batch size, and the error leaves "
                                 "the function: catch it and return False."),
        (compared((slice(None),), refused=True), whole),
        *((by_labels(sizes, refused), labels) for sizes in (both, both[:1])
          for refused in (False, True)),
        (compared(near=lambda d, largest: bool(d.max() < 1e-5 * largest)),
         "The sign is left in: scores that are all too small pass. Take abs."),
        (compared(near=lambda d, largest: bool(abs(d).max() < 1e-5)),
         "The difference is not taken as a share of the largest score."),
        (compared(near=lambda d, largest: bool(abs(d).mean() < 1e-5 * largest)),
         "That is the mean difference; one wrong score hides in it. Take the largest."),
        (compared(near=lambda d, largest: bool(abs(d).max() < 1e-2 * largest)),
         "The bound is too loose: a fold without epsilon passes. It is 1e-5."),
        (compared(near=lambda d, largest: not abs(d).max() >= 1e-5 * largest),
         "NaN passes, as it is neither above nor below a bound. Ask whether the "
         "difference is below it."),
        (lambda *arguments: not compared()(*arguments), "True and False are swapped."),
        (lambda path, net, X: True, "Each file passes."),
    ]


def judged(candidate, path, net, X):
    """What a candidate says; a refusal that it lets out is told in the same words."""
    try:
        return candidate(path, net, X)
    except Exception as err:
        if type(err).__module__.startswith("onnxruntime"):
            raise Unexpected("an error of ONNX Runtime, which refuses a batch size",
                             "False") from err
        raise
