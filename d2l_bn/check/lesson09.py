"""Checks for the exercises of lesson 09: ask why it helps."""
import numpy as np
from mxnet import autograd, nd

from .choices import judge_choices
from .judge import judge, something
from .restored import restored
from .shifts import DrawsOnce, TrainingAlone, shift_layer, uniform, use_layer
from .tapped_gradients import (
    attached,
    behind_dense,
    gradients_by_layer,
    of_weights,
    small_net,
)


def verdicts(answer):
    """verdicts, a dictionary: claim -> "shown", "refuted" or "not shown"."""
    right = {
        "BN ends exploding gradients at the start, at any depth": "refuted",
        "behind BN, Gluon's weights do about as well as He's": "shown",
        "with He's weights BN is behind at the smallest rate": "shown",
        "BN can only help while the inputs move little": "refuted",
        "smoothness is the reason why BN helps ReLU nets": "not shown",
        "in residual nets of 100 layers BN gains by larger rates": "not shown"}
    explodes, weights, rates, calm, smooth, residual = right
    behind = "Section 4 has the pairs: BN's training loss was higher in every seed."
    mistakes = {
        (explodes, "shown"): "With ReLU and BN the gradient grew by a factor of 1.21 a "
                             "layer (section 2).",
        (explodes, "not shown"): "Section 2 measured it: one net where it fails is "
                                 "enough against \"at any depth\".",
        (weights, "refuted"): "Without BN those weights fail; behind BN they reach "
                              "what He's do (section 3).",
        (weights, "not shown"): "Section 3 compared just that, each arm at its best.",
        (rates, "refuted"): behind, (rates, "not shown"): behind,
        (calm, "shown"): "That BN calms the inputs was shown; but noisy BN helps as "
                         "well, though its inputs move most (section 6).",
        (calm, "not shown"): "\"Only\" falls with one counterexample: noisy BN in "
                             "section 6.",
        (smooth, "shown"): "Smoothness goes with BN; that it is the reason takes an "
                           "arm that changes smoothness alone (section 7).",
        (smooth, "refuted"): "What section 7 measured agrees with it; it is just no "
                             "proof.",
        (residual, "shown"): "The claim is Bjorck's; no net of this lesson has skip "
                             "connections.",
        (residual, "refuted"): "Nothing here speaks against it: no net of this lesson "
                               "has skip connections.",
    }
    return judge_choices("verdicts", answer, right, mistakes,
                         options=("shown", "refuted", "not shown"),
                         verified="six claims, against sections 2 to 7.")


def ratio_at(answer):
    """ratio_at(ratio, depth, new_depth) -> gradient ratio of a deeper net."""
    def right(ratio, depth, new_depth):
        return np.exp(np.log(ratio) / (depth - 1) * (new_depth - 1))

    mistakes = [
        (lambda ratio, depth, new_depth: ratio ** (new_depth / depth),
         "Count the steps between layers: from the first of L layers to the last there "
         "are L - 1."),
        (lambda ratio, depth, new_depth: ratio * (new_depth - 1) / (depth - 1),
         "That grows in proportion; each layer multiplies, so that factors multiply."),
        (lambda ratio, depth, new_depth: ratio * new_depth / depth,
         "That grows in proportion; each layer multiplies, so that factors multiply."),
        (lambda ratio, depth, new_depth: ratio ** (new_depth / (depth - 1)),
         "The new net, too, has one step less than layers: new_depth - 1."),
        (lambda ratio, depth, new_depth: ratio ** ((depth - 1) / (new_depth - 1)),
         "The exponent is upside down: the steps of the new net, over those of the "
         "old."),
        (lambda ratio, depth, new_depth: ratio * 1.21 ** (new_depth - depth),
         "The factor is always 1.21; that of this net is the root of its ratio."),
        (lambda ratio, depth, new_depth: ratio ** (1 / (depth - 1)),
         "That is the factor of one layer; raise it to the steps of the new net."),
        (lambda ratio, depth, new_depth: ratio ** (new_depth - depth),
         "The ratio of all layers is taken for the factor of one."),
        (lambda ratio, depth, new_depth: ratio ** (1 / (depth - 1)) * (new_depth - 1),
         "The factor of one layer is multiplied by the steps; raise it to them."),
        (lambda ratio, depth, new_depth: 1 / right(ratio, depth, new_depth),
         "The ratio is upside down."),
    ]
    cases = [{"ratio": ratio, "depth": depth, "new_depth": new_depth} for
             ratio, depth, new_depth in
             ((37., 20, 50), (2., 7, 13), (0.1, 7, 20), (3., 11, 6))]
    return judge("ratio_at", answer, right, mistakes, cases, tolerance=1e-9,
                 verified="gradients that explode and vanish, deeper nets and a "
                          "shallower one.")


def gradient_ratio(answer):
    """gradient_ratio(net, X, y) -> RMS of the gradient, first layer / last layer."""
    known = {}  # the mistakes share what they compute

    def ratio_of(size=lambda g: np.sqrt(np.mean(g ** 2)), ends=(0, -1), **options):
        def gradient_ratio(net, X, y):
            key = (net, *options)
            if key not in known:
                known[key] = gradients_by_layer(net, X, y, **options)
            return float(size(known[key][ends[0]]) / size(known[key][ends[1]]))
        return gradient_ratio

    mistakes = [
        (lambda net, X, y: 0., "The first gradient is 0: attach_grad() within record "
                               "cuts Y off from the layers below. Add zeros, and "
                               "attach a gradient to these."),
        (ratio_of(ends=(-1, 0)), "The ratio is upside down: first layer over last."),
        (ratio_of(size=lambda g: np.sqrt(np.sum(g ** 2))),
         "That is the ratio of norms; layers of other widths have other numbers of "
         "entries. Take the root of the mean square."),
        (ratio_of(size=lambda g: np.mean(g ** 2)), "The root is missing."),
        (ratio_of(size=lambda g: np.mean(abs(g))),
         "That is the mean absolute value; take the root of the mean square."),
        (ratio_of(size=lambda g: np.max(abs(g))),
         "That is the largest entry; take the root of the mean square."),
        (ratio_of(tap_before=False),
         "That is the gradient at the activations' outputs; at their inputs the slope "
         "is part of it."),
        *((lambda net, X, y, end=end: of_weights(net, X, y, end),
           "That is the gradient of the weights, not that at the activations' inputs.")
          for end in (-1, None)),
        (behind_dense, "That is the gradient behind the dense layers; BN stands "
                       "between these and the activations."),
        (ratio_of(mode=lambda: autograd.record(train_mode=False)),
         "The net ran in prediction mode, where BN uses the stored statistics."),
        (ratio_of(ends=(0, -2)), "The last hidden layer is left out."),
    ]

    def result(candidate, net, X, y):
        with restored(net):  # the statistics move in each pass
            return something(attached(candidate, net, X, y))

    random, cases = np.random.RandomState(0), []
    for widths, activation, batch_norm in (((8, 20, 5), "relu", True),
                                           ((6, 12, 9), "sigmoid", False),
                                           ((7, 7, 16, 4), "sigmoid", True)):
        X, y = map(nd.array, (random.normal(size=(16, 5)), random.randint(3, size=16)))
        net = small_net(widths, activation, batch_norm, X, random)
        cases.append({"given": f"hidden layers of {' and '.join(map(str, widths))} "
                               f"units, {activation}, {'no ' * (not batch_norm)}BN",
                      "net": net, "X": X, "y": y})
    return judge("gradient_ratio", answer, ratio_of(), mistakes, cases, observe=result,
                 tolerance=1e-3,
                 verified="three small nets, of two activations, with and without BN.")


def only_shift(answer):
    """OnlyShift, a HybridBlock that adds a number from U(-1, 1) to each unit."""
    mistakes = [
        (shift_layer(lambda F, X: F.random.uniform_like(X, -1, 1)),
         "Each sample gets numbers of its own; one number a unit is for all samples."),
        (shift_layer(lambda F, X: F.random.uniform_like(F.slice_axis(
            X, axis=1, begin=0, end=1), -1, 1)),
         "Each sample gets one number for all its units; it is one a unit, for all "
         "samples."),
        (shift_layer(lambda F, X: F.random.uniform(-1, 1, shape=(1, 1))),
         "One number is drawn for all units; each unit has its own."),
        (shift_layer(lambda F, X: uniform(F, X, 0, 1)),
         "The numbers lie between 0 and 1, which is the default; give low and high."),
        (shift_layer(lambda F, X: uniform(F, X, -0.5, 0.5)),
         "The numbers lie between -0.5 and 0.5, as in Noise; here between -1 and 1."),
        (shift_layer(lambda F, X: F.random.normal_like(F.slice_axis(
            X, axis=0, begin=0, end=1))), "The numbers are normal; U is uniform."),
        (DrawsOnce, "The numbers are drawn once; they are new in each call."),
        (TrainingAlone, "In prediction mode nothing is added; each call adds."),
        (shift_layer(uniform, lambda F, X, noise: F.broadcast_mul(X, noise)),
         "The numbers are multiplied; a shift is added."),
        (shift_layer(uniform, lambda F, X, noise: F.broadcast_add(0 * X, noise)),
         "X is lost: the numbers are added to it."),
    ]
    cases = [{"given": f"6 samples of {units} units", "units": units}
             for units in (500, 7)]
    return judge("OnlyShift", answer, shift_layer(uniform), mistakes, cases,
                 observe=use_layer, tolerance=0.02,
                 verified="what calls add to 500 units and to 7, in both modes and "
                          "after hybridize.")


def missing_control(answer):
    """missing_control, a dictionary: claim -> letter of the run that is missing."""
    right = {"large rates are the gain": "C", "calm inputs are the reason": "A",
             "noise regularises": "E", "BN makes careful weights needless": "B",
             "BN learns faster at its best": "D"}
    rates, calm, noise, weights, best = right
    mistakes = {
        (rates, "D"): "That compares each at its best; if large rates are the gain, "
                      "BN must have no lead at the same small rate.",
        (rates, "B"): "Weights are another question: if large rates are the gain, BN "
                      "must have no lead at the same small rate.",
        (calm, "E"): "That changes the noise of the statistics; the inputs must be "
                     "made to move, with all else of BN kept.",
        (noise, "A"): "That noise is put in from outside; here BN's own must grow, "
                      "while the optimiser's batch stays.",
        (weights, "C"): "That uses careful weights in both; the careless ones need "
                        "careful ones beside them, behind BN.",
        (weights, "D"): "The plain net says nothing about weights behind BN; careful "
                        "ones must stand beside them, with BN in both.",
        (best, "C"): "At a rate too small for both, speed says nothing about the best "
                     "of each.",
        (best, "B"): "That leaves out the plain net; its rate was never chosen for it.",
    }
    return judge_choices("missing_control", answer, right, mistakes,
                         options=tuple("ABCDE"),
                         verified="five claims, each with the run that could refute "
                                  "it.")
