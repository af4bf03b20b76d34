"""Checks for the exercises of lesson 11: ship it."""
import tempfile
from pathlib import Path

import numpy as np
from mxnet import nd
from mxnet.gluon import nn

from .choices import judge_choices
from .folding import folded, line_of, random_layer
from .judge import judge, parts
from .small_onnx import by_labels, cases_of_files, compared, judged

PARTS = ("gamma and beta", "running statistics", "trainer's states",
         "gradients", "generators' seed")


def needed_for(answer):
    """needed_for, a dictionary: part of a file -> what it is needed for."""
    gamma, statistics, states, gradients, generators = PARTS
    right = {gamma: "both", statistics: "predicting", states: "resuming",
             gradients: "neither", generators: "resuming"}
    weights = ("In training mode BN uses the statistics of the batch: the stored ones "
               "touch no weight, and predicting needs them.")
    no_step = "No prediction takes a step: only training reads the trainer's states."
    dropout = "Dropout draws in training only: a prediction draws nothing."
    anew = "The next backward pass writes the gradients anew before a step reads them."
    mistakes = {
        (gamma, "predicting"): "The trainer goes on moving gamma and beta: resumed "
                               "training must start from them.",
        (gamma, "resuming"): "A prediction, too, multiplies by gamma and adds beta.",
        (gamma, "neither"): "gamma and beta are learned like weights, and used in both "
                            "modes.",
        (statistics, "both"): weights, (statistics, "resuming"): weights,
        (statistics, "neither"): "Prediction normalises with the stored statistics, "
                                 "though no gradient touches them.",
        (states, "both"): no_step, (states, "predicting"): no_step,
        (states, "neither"): "Momentum is a sum of past gradients: without it the next "
                             "steps differ.",
        (gradients, "both"): anew, (gradients, "resuming"): anew,
        (gradients, "predicting"): anew,
        (generators, "both"): dropout, (generators, "predicting"): dropout,
        (generators, "neither"): "Dropout draws which units are left out: other draws, "
                                 "other weights.",
    }
    return judge_choices("needed_for", answer, right, mistakes,
                         options=("predicting", "resuming", "both", "neither"),
                         verified="five parts of a stored net, against section 1.")


def fold_into_next(answer):
    """fold_into_next(bn, dense) -> (weight, bias) of one dense layer for both."""
    def with_line(combine, **options):
        def fold(bn, dense):
            W, b = (p.data().asnumpy() for p in (dense.weight, dense.bias))
            return tuple(map(nd.array, combine(W, b, *line_of(bn, **options))))
        return fold

    def right(W, b, s, shift):
        return W * s, b + W @ shift

    def in_place(bn, dense):
        W, b = with_line(right)(bn, dense)
        dense.weight.set_data(W)
        dense.bias.set_data(b)
        return W, b

    mistakes = [
        (with_line(right, eps=0),
         "epsilon is forgotten: s = gamma / sqrt(v + epsilon), with the layer's own."),
        (with_line(right, eps=1e-5),
         "epsilon is 1e-5 here whatever the layer says; take bn._kwargs['eps']."),
        (with_line(lambda W, b, s, shift: (
            W * np.resize(s, len(W))[:, None], b + W @ shift)),
         "s goes along the output axis of the weight; BN stands before the layer, so "
         "that s belongs to the input axis, 1."),
        (with_line(lambda W, b, s, shift: (W * s, b)),
         "The bias is left as it was; beta - mu * s also passes through the weights."),
        (with_line(lambda W, b, s, shift: (W * s, b + (W * s) @ shift)),
         "s goes into the bias twice: the shift passes through the old weights."),
        (with_line(lambda W, b, s, shift: (W * s, W @ shift)),
         "The layer's own bias is lost: W (beta - mu s) is added to it."),
        (with_line(lambda W, b, s, shift: (W * s, b + np.resize(shift, len(b)))),
         "The shift is added to the bias as it is; it must pass through the weights."),
        (with_line(right, root=False), "The root is missing in s."),
        (with_line(right, scale=False), "gamma is left out of s."),
        (in_place, "The layers themselves are changed; return new arrays."),
    ]

    random = np.random.RandomState(0)
    cases = [{"given": f"nn.BatchNorm(in_channels={i}, epsilon={eps}), then "
                       f"nn.Dense({o}), random parameters",
              "first": random_layer(nn.BatchNorm(in_channels=i, epsilon=eps), random),
              "second": random_layer(nn.Dense(o, in_units=i), random)}
             for i, o, eps in ((4, 3, 1e-5), (5, 5, 0.1), (2, 6, 1e-3))]
    return judge("fold_into_next", answer, with_line(right), mistakes, cases,
                 observe=folded,
                 verified="weight and bias for three shapes and three epsilons; the "
                          "layers are as they were.")


def fold_any(answer):
    """fold_any(layer, bn) -> (weight, bias) of one layer, whatever the two lack."""
    def fold(axis=0, bias=lambda b, s, shift: b * s + shift, **options):
        def made(layer, bn):
            W = layer.weight.data().asnumpy()
            s, shift = line_of(bn, **options)
            b = 0 if layer.bias is None else layer.bias.data().asnumpy()
            shape = [1] * W.ndim
            shape[axis] = -1
            return (nd.array(W * np.resize(s, W.shape[axis]).reshape(shape)),
                    nd.array(bias(b, s, shift)))
        return made

    def without_bias(layer, bn):
        W, b = fold()(layer, bn)
        return W, b if layer.bias is not None else None

    def overwrites(layer, bn):
        if bn._kwargs["fix_gamma"]:
            bn.gamma.set_data(nd.ones_like(bn.gamma.data()))
        return fold()(layer, bn)

    mistakes = [
        (fold(scale=True), "With scale=False gamma counts as 1, whatever the array "
                           "holds; here the array is used."),
        (without_bias,
         "Without a bias the folded layer still needs one: beta - mu * s."),
        (fold(bias=lambda b, s, shift: b * s + shift * np.any(b)),
         "Without a bias beta and mu are left out; they still act."),
        (fold(eps=0), "epsilon is forgotten: s = gamma / sqrt(v + epsilon)."),
        (fold(axis=1), "s goes along axis 1, the input channels; in the weights of "
                       "Conv2D and Dense axis 0 is the output."),
        (fold(bias=lambda b, s, shift: b + shift),
         "The layer's own bias must be multiplied by s, too."),
        (fold(scale=False), "gamma counts as 1 in every layer; only with scale=False "
                            "it does."),
        (fold(eps=1e-5), "epsilon is 1e-5 here whatever the layer says; take "
                         "bn._kwargs['eps']."),
        (overwrites, "A layer is changed: set_data, or a call of bn with scale=False, "
                     "writes ones into its array gamma. Use ones of your own."),
    ]

    def layer_of(kind, bias):
        if kind == "Dense":
            return nn.Dense(4, in_units=4, use_bias=bias)
        return nn.Conv2D(4, 3, in_channels=4, use_bias=bias)

    random = np.random.RandomState(0)  # 4 channels in and out: no shape fails
    cases = [{"given": f"{kind} with use_bias={bias}, then BatchNorm with "
                       f"scale={scale}, 4 channels in and out",
              "first": random_layer(layer_of(kind, bias), random),
              "second": random_layer(
                  nn.BatchNorm(in_channels=4, scale=scale, epsilon=1e-3), random)}
             for bias in (True, False) for scale in (True, False)
             for kind in ("Conv2D", "Dense")]
    return judge("fold_any", answer, fold(), mistakes, cases, observe=folded,
                 verified="Conv2D and Dense, with and without bias and scale; the "
                          "layers are as they were.")


def same_predictions(answer):
    """same_predictions(path, net, X) -> whether a file predicts as the net does."""
    whole = "Only the whole of X is compared: a program often sends one image."
    mistakes = [
        (compared((slice(None),)), whole),
        (compared((slice(1),)), "Only the first image is compared, not all of X."),
        (compared(refused=True), "The file refuses a batch size, and the error leaves "
                                 "the function: catch it and return False."),
        (compared((slice(None),), refused=True), whole),
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
        (by_labels, "Only the labels are compared: the scores may differ a lot."),
        (lambda *arguments: not compared()(*arguments), "True and False are swapped."),
        (lambda path, net, X: True, "Each file passes."),
    ]
    with tempfile.TemporaryDirectory() as folder:
        return judge("same_predictions", answer, compared(), mistakes,
                     cases_of_files(Path(folder)), observe=judged,
                     verified="ten ONNX files: two right ones, and others with wrong "
                              "weights, no epsilon, fixed batch sizes and more.")


def fold_integers(answer):
    """fold_integers(whole, step, s) -> whole numbers and steps of the folded weight."""
    def shaped(whole, s):
        return s.reshape((-1,) + (1,) * (whole.ndim - 1))

    def with_(make):
        return lambda whole, step, s: make(whole, step, shaped(whole, s))

    def int8(array):
        return array.astype("int8")

    def one_step(whole, step, s):
        W = whole * step * s
        largest = abs(W).max() / 127
        return int8(np.round(W / largest)), np.full_like(step, largest)

    def last_axis(whole, step, s):
        shape = np.resize(s, whole.shape[-1])
        return int8(whole * np.sign(shape)), step * abs(shaped(whole, s))

    mistakes = [
        (with_(lambda w, step, s: (w, step * s)),
         "A step must stay positive: the sign of s belongs to the whole numbers."),
        (with_(lambda w, step, s: (w, step * abs(s))),
         "The sign of s is lost: where s is negative, the whole numbers change signs."),
        (with_(lambda w, step, s: (int8(w * np.sign(s)), step * s)),
         "The sign of s is counted twice: in the whole numbers and in the step."),
        (with_(lambda w, step, s: (int8(w * np.sign(s)), step)),
         "The step stays as it was; it must grow by |s|."),
        (with_(lambda w, step, s: (int8(np.round(w * s)), step)),
         "s goes into the whole numbers and is rounded away; put |s| into the step."),
        (with_(lambda w, step, s: (w * np.sign(s), step * abs(s))),
         "The numbers are right, but no longer int8: the product with a float is a "
         "float. Use astype(np.int8)."),
        (one_step, "One step serves all channels; here each keeps its own."),
        (last_axis, "The signs go along the last axis; the channels are axis 0."),
    ]

    def result(candidate, whole, step, s):
        made, steps = parts(candidate(whole, step, s), 2, "whole numbers and steps")
        return {"whole numbers": made, "steps": steps,
                "type of the whole numbers": str(getattr(made, "dtype", "none"))}

    random = np.random.RandomState(8)
    cases = [{"whole": random.randint(-127, 128, shape).astype("int8"),
              "step": random.uniform(0.01, 0.1, shape[:1] + (1,) * (len(shape) - 1)),
              "s": random.uniform(0.3, 3, shape[0]) * np.resize([1, -1, -1], shape[0])}
             for shape in ((4, 3), (3, 2, 3, 3))]
    return judge("fold_integers", answer,
                 with_(lambda w, step, s: (int8(w * np.sign(s)), step * abs(s))),
                 mistakes, cases, observe=result, tolerance=1e-6,
                 verified="whole numbers and steps of a dense layer and of a "
                          "convolution, with s of both signs.")
