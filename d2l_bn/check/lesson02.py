"""Checks for the exercises of lesson 02: normalise data."""
import numpy as np
from mxnet import nd

from .choices import judge_choices
from .groups import MISTAKES, by_groups, each_camera
from .judge import judge, parts, something
from .tables import TABLE_MISTAKES, by_columns

STATISTICS = ("my training data's", "own", "per camera", "ImageNet's")


def which_statistics(answer):
    """statistics: a dictionary from each case to one of STATISTICS."""
    sentences = {
        ("b", "my training data's"): "The thermometer's degree is an artefact, and "
                                     "the training data's statistics keep it.",
        ("c", "own"): "A single value is its own mean: every such value becomes 0.",
        ("d", "own"): "With one common mean both cameras' images keep their different "
                      "scales.",
        ("d", "my training data's"): "With one common mean both cameras' images keep "
                                     "their different scales.",
        ("e", "own"): "The network is trained already, and expects inputs on the scale "
                      "of its training.",
        ("e", "my training data's"): "The network was not trained on data of yours; it "
                                     "needs the numbers of those it was trained on.",
        "own": "With their own statistics the new data look like any others: a shift "
               "that means something is lost.",
        "per camera": "Statistics for each camera are for data of several cameras, "
                      "whose scales differ and whose scenes are alike.",
        "ImageNet's": "ImageNet's six numbers belong to networks that were trained "
                      "with them.",
    }
    right = {"a": "my training data's", "b": "own", "c": "my training data's",
             "d": "per camera", "e": "ImageNet's"}
    return judge_choices("statistics", answer, right, sentences, options=STATISTICS,
                         verified="the statistics for all five cases.")


def constants_for_bytes(answer):
    """constants: mean and std for pixels from 0 to 255."""
    def constants(mean, std):
        return {"mean": mean, "std": std}

    mistakes = [
        (constants(.286, .353), "These belong to pixels from 0 to 1. On 0 to 255 every "
                                "number is 255 times as large, mean and std too."),
        (constants(.286 * 255, .353), "The mean is right. The standard deviation grows "
                                      "with the scale too."),
        (constants(.286, .353 * 255), "The standard deviation is right. The mean grows "
                                      "with the scale too."),
        (constants(.286 / 255, .353 / 255), "The pixels are 255 times larger, so the "
                                            "constants are multiplied, not divided."),
        (constants(.286 * 255, .353 * 255 ** 2), "The variance would grow with the "
                                                 "square; the standard deviation grows "
                                                 "by 255."),
        (constants(.286 * 255, .353 * 255 ** .5), "The standard deviation has the unit "
                                                  "of the pixels: it grows by 255, not "
                                                  "by its root."),
        (constants(.286 * 256, .353 * 256), "The scale ends at 255: multiply by 255, "
                                            "not by 256."),
        (constants(127.5, 255), "These map 0 to 255 to -0.5 to 0.5; the network "
                                "expects what its own two constants gave."),
    ]
    return judge("constants", answer, constants(.286 * 255, .353 * 255), mistakes,
                 tolerance=1e-3,  # 72.9 has as many digits as 0.286
                 verified="both constants, to three digits.")


def standardise_table(answer):
    """standardise_table(train, test) -> both, column by column, as section 4 asks."""
    def observe(candidate, train, test):
        pair = parts(candidate(train, test), 2, "train and test, standardised")
        return {"train": something(pair[0]), "test": something(pair[1])}

    random, cases = np.random.RandomState(4), []
    for N, M, C in [(6, 4, 3), (5, 1, 4), (4, 4, 4)]:
        table = random.normal(random.normal(0, 5, C), random.uniform(.5, 4, C),
                              (N + M, C))
        table[N:] += 1.5
        if N != 6:
            table[:N, 1] = 7
        cases.append({"given": f"train of shape {(N, C)}, test of shape {(M, C)}"
                               + ", column 1 of train constant" * (N != 6),
                      "train": nd.array(table[:N]), "test": nd.array(table[N:])})
    return judge("standardise_table", answer, by_columns, TABLE_MISTAKES, cases,
                 observe=observe,
                 verified="three pairs of tables; in two a column of train is "
                          "constant, and differs in test; one has a single new row.")


def standardise_by_camera(answer):
    """standardise_by_camera(X, camera): each camera's images by its own statistics."""
    random, cases = np.random.RandomState(5), []
    for camera in ([0, 1, 0, 1, 1], [7, 2, 2, 7, 5, 5, 2, 5]):
        camera = np.array(camera)
        scenes = random.uniform(0, 1, (len(camera), 4, 3))
        scenes += random.uniform(0, 1, (len(camera), 1, 1))
        gain, offset = random.uniform(.5, 3, 8), random.normal(0, 3, 8)
        X = scenes * gain[camera][:, None, None] + offset[camera][:, None, None]
        cases.append({"given": f"X of shape {X.shape}, camera = {camera.tolist()}",
                      "X": X, "camera": camera})
    return judge("standardise_by_camera", answer, by_groups(each_camera), MISTAKES,
                 cases,
                 verified="every pixel, for two and for three cameras in mixed order.")


def into_the_weights(answer):
    """into_the_weights(W, b, mu, sigma) -> (W_raw, b_raw)."""
    def observe(candidate, **case):
        W, b = parts(candidate(*case.values()), 2, "W_raw and b_raw")
        return {"W_raw": something(W), "b_raw": something(b)}

    def with_(weight, bias):
        return lambda W, b, mu, sigma: (weight(W, sigma), bias(W, b, mu, sigma))

    def divided(W, sigma):
        return W / sigma.reshape((-1, 1))

    def less(W, b, mu, sigma):
        return b - nd.dot(mu / sigma, W)

    def whatever_bias(weight):
        """The weights alone are wrong; the bias is right, or is made from them."""
        biases = (less, lambda W, b, mu, sigma: b - nd.dot(mu, weight(W, sigma)),
                  lambda W, b, mu, sigma: b - nd.dot(mu * sigma, W),
                  lambda W, b, mu, sigma: b - nd.dot(mu, W),
                  lambda W, b, mu, sigma: b)
        return [with_(weight, bias) for bias in biases]

    wrong_weights = [
        (lambda W, sigma: W * sigma.reshape((-1, 1)),
         "The weights are multiplied by sigma; X is divided by it."),
        (lambda W, sigma: W / sigma,
         "sigma divides the columns of W. Each input has a sigma, and its weights are "
         "a row."),
        (lambda W, sigma: W * sigma,
         "sigma multiplies the columns of W; it divides the rows."),
        (lambda W, sigma: W, "The weights must be divided by sigma."),
    ]

    def right(W, b, mu, sigma):
        """From outputs: at 0 for the bias, at the unit vectors for the weights."""
        x = np.concatenate([np.zeros((1, len(mu))), np.eye(len(mu))])
        y = ((x - mu.asnumpy()) / sigma.asnumpy()) @ W.asnumpy() + b.asnumpy()
        return nd.array(y[1:] - y[0]), nd.array(y[0])

    mistakes = [
        (with_(divided, lambda W, b, mu, sigma: b),
         "W_raw is right. The mean is forgotten: it goes into the bias."),
        (with_(divided, lambda W, b, mu, sigma: b - nd.dot(mu, W)),
         "W_raw is right. In the bias the mean is not divided by sigma."),
        (with_(divided, lambda W, b, mu, sigma: b + nd.dot(mu / sigma, W)),
         "W_raw is right. The mean is subtracted from X, so its share is subtracted "
         "from the bias."),
        (with_(divided, lambda W, b, mu, sigma: b - (mu / sigma).sum()),
         "W_raw is right. Each input's mean reaches the output through its weights: "
         "multiply by W, then add up."),
        *[(wrong, sentence) for weight, sentence in wrong_weights
          for wrong in whatever_bias(weight)],
    ]
    random, cases = np.random.RandomState(7), []
    for C, K in [(3, 3), (5, 1)]:
        arrays = (random.normal(size=(C, K)), random.normal(size=K),
                  random.normal(0, 2, C), random.uniform(.3, 3, C))
        cases.append(dict(zip(("W", "b", "mu", "sigma"), map(nd.array, arrays),
                              strict=True)))
    return judge("into_the_weights", answer, right, mistakes, cases, observe=observe,
                 tolerance=1e-3, verified="weights and bias of two models.")


def tames_the_outlier(answer):
    """is_so: what the robust way does to section 1's outlier."""
    sentences = {
        ("share is larger", True): "The robust way is a straight line, a x + b: it "
                                   "stretches bulk and range alike.",
        ("distance is smaller", True): "The robust way is a straight line, a x + b: "
                                       "the distance and its unit, the bulk's standard "
                                       "deviation, are stretched alike.",
        ("width is larger", False): "One outlier has made the standard deviation four "
                                    "times as large, and hardly moved the quartiles: "
                                    "dividing by less leaves more width.",
        ("width shrinks", True): "Percentiles count places: how far away the last "
                                 "value lies does not move them.",
    }
    right = {"share is larger": False, "distance is smaller": False,
             "width is larger": True, "width shrinks": False}
    return judge_choices("is_so", answer, right, sentences,
                         verified="the four answers.")
