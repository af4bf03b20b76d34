"""Checks for the exercises of lesson 07: predict with stored statistics."""
from mxnet import autograd, nd

from ..statistics import estimate_statistics
from .camera_statistics import MISTAKEN_CAMERAS, by_camera, use_prediction
from .choices import judge_choices
from .judge import judge
from .remember import remember
from .statistics_of_nets import (
    COMBINATIONS,
    estimate,
    gradient_by_hand,
    keep_a_hook,
    move_all,
    use_estimate,
    use_gradient,
    use_lag,
)


def updates(answer):
    """updates: action -> how often the stored mean of the net's BN layer moves."""
    questions = {
        "a": "net(X) outside of all blocks",
        "b": "net(X) in autograd.train_mode(), no backward",
        "c": "net(X) in autograd.record(), then backward",
        "d": "c twice, with a gradient of zeros",
        "e": "both passes with train_mode=False",
        "f": "grad_req = 'null' for the BN layer, then c",
        "g": "nn.BatchNorm(use_global_stats=True), then c",
        "h": "b with the course's BatchNorm"}
    right = {"a": 0, "b": 0, "c": 1, "d": 2, "e": 0, "f": 1, "g": 0, "h": 1}
    sentences = {
        ("a", 1): "Outside of all blocks the net is in prediction mode.",
        ("b", 1): "Gluon's layer writes its statistics in the backward pass, and there "
                  "is none.",
        ("c", 0): "In record() the net is in training mode, and there is a backward "
                  "pass.",
        ("c", 2): "The forward pass does not write; the backward pass does, once.",
        ("d", 0): "Zeros move no weight. The statistics come from the forward "
                  "pass's batch, not from the gradient.",
        ("d", 1): "Each of the two backward passes is one update.",
        ("e", 1): "Both passes are in prediction mode, which moves no statistics.",
        ("f", 0): "grad_req = 'null' keeps trainers away. The statistics are not "
                  "trained: the pass writes them all the same.",
        ("g", 1): "use_global_stats=True makes the layer use the stored numbers in "
                  "training too, and leave them alone.",
        ("h", 0): "The course's layer writes in the forward pass already.",
    }
    return judge_choices("updates", answer, right, sentences, questions,
                         verified="eight actions.")


def passes(forward, backward, score=lambda Y, k: Y[:, k].sum()):
    """A gradient with passes in these modes (True: training)."""
    def candidate(net, X, k):
        X.attach_grad()
        with autograd.record(train_mode=forward):
            y = score(net(X), k)
        y.backward(train_mode=backward)
        return X.grad
    return candidate


MISTAKEN_GRADIENTS = [
    (passes(True, True), "Both passes are in training mode: the gradient is that of "
                         "the batch's statistics, and the stored ones move."),
    (passes(False, True), "The backward pass is in training mode: it has a mode of its "
                          "own, y.backward(train_mode=False)."),
    (passes(True, False), "The forward pass is in training mode: record() needs "
                          "train_mode=False too."),
    (passes(False, False, lambda Y, k: Y.sum()),
     "All scores were added; only score k is asked for."),
    (passes(False, False, lambda Y, k: Y[:, k].mean()),
     "The gradient is that of the mean; a sum keeps the images apart."),
    (passes(False, False, lambda Y, k: Y[k].sum()),
     "Y[k] is a row, all scores of image k; Y[:, k] is score k of each image."),
    (passes(False, False, lambda Y, k: Y.softmax()[:, k].sum()),
     "That is the gradient of the probability; the score is what net gives."),
]


def gradient_of_prediction(answer):
    """gradient_of_prediction(net, X, k) -> gradient of the scores k, as X in shape."""
    cases = [{"given": f"a net of BN, Dense, BN, sigmoid, Dense; X of shape (6, 4); "
                       f"k = {k}", "k": k, "seed": k} for k in (2, 0)]
    return judge("gradient_of_prediction", answer, gradient_by_hand, MISTAKEN_GRADIENTS,
                 cases, observe=remember(use_gradient, MISTAKEN_GRADIENTS),
                 verified="two nets against a gradient by hand; their statistics have "
                          "not moved.")


def by_hooks(net, batches):
    estimate_statistics(net, [(X, None) for X in batches], len(batches))


ESTIMATES = {
    "passes": "Forward passes alone refresh nothing: Gluon's layer writes in the "
              "backward pass.",
    "moved on": "The old statistics were moved on, by a tenth a batch; they must "
                "be replaced.",
    "last": "Only the last batch counts.",
    "from zero": "It starts at 0, as it should. But then the batches pile up in "
                 "one moving average: start each of them at 0.",
    "from zero, corrected": "That is a moving average, in which the last batch "
                            "weighs most; all should weigh the same.",
    "a tenth": "One update leaves a tenth of the batch: multiply by 10.",
    "sum": "The batches are added; divide by their number.",
    "mean alone": "The means are right; running_var is not re-estimated.",
    "means vary": "This adds the variance of the batches' means, as PreciseBN "
                  "does; asked is the mean of the variances.",
    "sample variance": "The variance divides by m - 1; the layer's own divides by "
                       "m.",
    "prediction": "The batches went through in prediction mode: a later layer got "
                  "what the old statistics made.",
}
MISTAKEN_ESTIMATES = [
    *((estimate(COMBINATIONS[name], training=name != "prediction"), sentence)
      for name, sentence in ESTIMATES.items()),
    (lambda net, batches: by_hooks(net, [nd.concat(*batches, dim=0)]),
     "The batches went through as one large batch; each has statistics of its own."),
    (keep_a_hook(by_hooks), "The statistics are right, but your hooks are still on the "
                            "layers, and every later pass runs them: detach() each."),
    (move_all, "The weights have moved too. A backward pass of zeros moves none; no "
               "trainer may step."),
]


def reestimate(answer):
    """reestimate(net, batches): sets each BN layer's statistics anew."""
    cases = [{"given": f"a net with two BN layers, {count} batches of shape {shape}",
              "shape": shape, "count": count}
             for shape, count in (((10, 3), 3), ((4, 2, 5, 5), 2))]
    return judge("reestimate", answer, by_hooks, MISTAKEN_ESTIMATES, cases,
                 observe=remember(use_estimate, MISTAKEN_ESTIMATES),
                 idle=lambda net, batches: None,
                 verified="statistics of two layers behind dense layers and a "
                          "convolution; no other array has changed, no hook is left.")


def lag_and_noise(answer):
    """lag_and_noise(momentum) -> (lag in steps, standard deviation of the noise)."""
    def lag(q):
        return q / (1 - q)

    def noise(q):
        return ((1 - q) / (1 + q)) ** 0.5

    def both(lag, noise):
        return lambda momentum: (lag(momentum), noise(momentum))

    shorter = ("As if 1/(1 - q) batches counted equally. The weights are unequal: add "
               "up their squares.")
    one_more = ("That is the age when the newest batch counts as one step old. Against "
                "the newest batch it is one less.")
    mistakes = [
        (both(lambda q: 1 / (1 - q), noise), one_more),
        (both(lambda q: 1 / (1 - q), lambda q: (1 - q) ** 0.5), one_more),
        (both(lag, lambda q: (1 - q) ** 0.5), shorter),
        (both(lag, lambda q: (1 - q) / (1 + q)), "The second number is the variance of "
                                                 "the noise: take its root."),
        (both(lag, lambda q: 1.), "The weights add up to 1, but noise of different "
                                  "batches cancels in part: add up squares."),
        (both(lag, lambda q: 1 - q), "That is the noise of the newest batch alone; "
                                     "all older ones still count."),
        (both(lambda q: lag(1 - q) if q else float("inf"),
              lambda q: noise(1 - q)), "The momentum is the wrong way round: it is the "
                                       "share of the old value."),
        (both(noise, lag), "The two numbers stand in the wrong order."),
        (both(lambda q: -lag(q), noise), "The lag counts how far the average is below: "
                                         "it is not negative."),
    ]
    return judge("lag_and_noise", answer, both(lag, noise), mistakes,
                 [{"momentum": q} for q in (0.9, 0.5, 0.99, 0.)], observe=use_lag,
                 tolerance=1e-3, verified="four momenta from 0 to 0.99.")


def causes(answer):
    """causes: symptom -> its cause, one of five."""
    questions = {
        "a": "single pictures all get one answer",
        "b": "the loss falls, the test accuracy jumps; new statistics undo it",
        "c": "right for one camera, wrong for another; new statistics of it help",
        "d": "record(train_mode=False), backward(): not as difference quotients say",
        "e": "88 percent in mixed batches, 33 percent sorted by class",
        "f": "the test accuracy falls for good; new statistics change nothing"}
    right = {"a": "training mode", "b": "lag", "c": "shift", "d": "two modes",
             "e": "training mode", "f": "overfitting"}
    sentences = {
        ("a", "shift"): "Stored statistics, even wrong ones, treat each picture by "
                        "itself. Here all details of the picture are lost.",
        ("a", "lag"): "Old statistics make answers worse, not equal: only a picture "
                      "that is its own mean is lost.",
        ("b", "overfitting"): "Overfitting is in the weights: new statistics at the "
                              "same weights would not undo it.",
        ("b", "shift"): "The test images are the same in every epoch.",
        ("c", "lag"): "Lag would show with the first camera too: it comes from weights "
                      "that moved.",
        ("c", "overfitting"): "New statistics of unlabelled pictures help, at the same "
                              "weights.",
        ("d", "training mode"): "The forward pass is in prediction mode. But "
                                "backward() has a mode of its own.",
        ("e", "shift"): "They are the same pictures; only their order has changed.",
        ("e", "lag"): "Stored statistics, old or new, do not care for the order.",
        ("f", "lag"): "New statistics at the same weights end a lag; here they change "
                      "nothing.",
        ("f", "shift"): "New statistics of the test pictures' kind change nothing, and "
                        "early in training the same pictures did well.",
    }
    return judge_choices("causes", answer, right, sentences, questions,
                         ("training mode", "lag", "shift", "two modes", "overfitting"),
                         verified="six symptoms.")


def predict_by_camera(answer):
    """predict_by_camera(net, X, cameras, samples) -> scores in the order of X."""
    cases = [{"given": f"a net with BN, {len(cameras)} images of the cameras "
                       f"{sorted(set(cameras))}", "cameras": cameras, "seed": seed}
             for seed, cameras in enumerate([
                 ["north", "east", "north", "west", "east", "north", "east"],
                 ["west", "west", "west", "east"]])]
    return judge("predict_by_camera", answer, by_camera(),
                 MISTAKEN_CAMERAS, cases,
                 observe=remember(use_prediction, MISTAKEN_CAMERAS),
                 verified="scores of seven and of four images; the net is as before.")
