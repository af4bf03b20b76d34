"""Checks for the exercises of lesson 11: ship it."""
import tempfile
from pathlib import Path

import numpy as np
from mxnet.gluon import nn

from . import whole_numbers
from .choices import judge_choices
from .folding import folded, random_layer
from .judge import judge, parts
from .small_onnx import cases_of_files, compared, judged, mistaken_comparisons
from .wrong_folds import BACK, INTO_NEXT, back, into_next, right_next

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
    random = np.random.RandomState(0)
    # The square one first: there the wrong axis gives numbers, not an error.
    cases = [{"given": f"nn.BatchNorm(in_channels={i}, epsilon={eps}), then "
                       f"nn.Dense({o}), random parameters",
              "first": random_layer(nn.BatchNorm(in_channels=i, epsilon=eps), random),
              "second": random_layer(nn.Dense(o, in_units=i), random)}
             for i, o, eps in ((5, 5, 0.1), (4, 3, 1e-5), (2, 6, 1e-3))]
    return judge("fold_into_next", answer, into_next(right_next), INTO_NEXT, cases,
                 observe=folded,
                 verified="weight and bias for three shapes and three epsilons; the "
                          "layers are as they were.")


def fold_any(answer):
    """fold_any(layer, bn) -> (weight, bias) of one layer, whatever the two lack."""
    def layer_of(kind, bias):
        if kind == "Dense":
            return nn.Dense(4, in_units=4, use_bias=bias)
        return nn.Conv2D(4, 4, in_channels=4, use_bias=bias)

    random = np.random.RandomState(0)  # 4 channels, kernels of 4: no axis fails
    cases = [{"given": f"{kind} with use_bias={bias}, then BatchNorm with "
                       f"scale={scale}, 4 channels in and out",
              "first": random_layer(layer_of(kind, bias), random),
              "second": random_layer(
                  nn.BatchNorm(in_channels=4, scale=scale, epsilon=1e-3), random)}
             for bias in (True, False) for scale in (True, False)
             for kind in ("Conv2D", "Dense")]
    return judge("fold_any", answer, back(), BACK, cases, observe=folded,
                 verified="Conv2D and Dense, with and without bias and scale; the "
                          "layers are as they were.")


def same_predictions(answer):
    """same_predictions(path, net, X) -> whether a file predicts as the net does."""
    with tempfile.TemporaryDirectory() as folder:
        return judge("same_predictions", answer, compared(), mistaken_comparisons(),
                     cases_of_files(Path(folder)), observe=judged,
                     verified="ten ONNX files: two right ones, and others with wrong "
                              "weights, no epsilon, fixed batch sizes and more.")


def fold_integers(answer):
    """fold_integers(whole, step, s) -> whole numbers and steps of the folded weight."""
    def result(candidate, whole, step, s):
        made, steps = parts(candidate(whole, step, s), 2, "whole numbers and steps")
        return {"whole numbers": made, "steps": steps,
                "type of the whole numbers": str(getattr(made, "dtype", "none"))}

    random = np.random.RandomState(8)
    cases = [{"whole": random.randint(-127, 128, shape).astype("int8"),
              "step": random.uniform(0.01, 0.1, shape[:1] + (1,) * (len(shape) - 1)),
              "s": random.uniform(0.3, 3, shape[0]) * np.resize([1, -1, -1], shape[0])}
             for shape in ((4, 4), (3, 2, 3, 3))]
    return judge("fold_integers", answer, whole_numbers.right, whole_numbers.MISTAKES,
                 cases, observe=result, tolerance=1e-6,
                 verified="whole numbers and steps of a dense layer and of a "
                          "convolution, with s of both signs.")
