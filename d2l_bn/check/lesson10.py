"""Checks for the exercises of lesson 10: see where it fails."""
import numpy as np
from mxnet import nd

from .choices import judge_choices
from .judge import judge, parts
from .norms_by_axes import CENTRED, NORMS, SIGNED
from .pieces_and_groups import (
    AXES,
    MISTAKES_IN_GROUPS,
    MISTAKES_IN_PIECES,
    each_kind,
    pieces_of_neighbours,
    wide_group_norm,
)


def looks_at_mates(answer):
    """A dictionary, normalization -> whether an output depends on other images."""
    right = {"BN, training": True, "BN, prediction": False, "LayerNorm": False,
             "InstanceNorm": False, "GroupNorm": False, "BN of pieces of two": True}
    sentences = {
        ("BN, training", False):
            "In training a channel's mean and variance come from all images of the "
            "batch.",
        ("BN, prediction", True):
            "In prediction mode BN uses its stored statistics, which are constants.",
        ("LayerNorm", True): "LayerNorm's mean goes over an image's own channels and "
                             "places: axes (1, 2, 3).",
        ("InstanceNorm", True): "InstanceNorm's mean goes over the places of one "
                                "channel of one image.",
        ("GroupNorm", True): "GroupNorm groups channels, not images.",
        ("BN of pieces of two", False): "A piece is small, but still holds another "
                                        "image.",
    }
    return judge_choices("looks_at_mates", answer, right, sentences,
                         options=(True, False), verified="all six.")


def depends_on_mates(answer):
    """depends_on_mates(norm) -> bool: do other images change the output for image 0?"""
    def probe(others, first=lambda X: X[:1], compared=1):
        """others(X): what stands in place of images 1 to 3."""
        def candidate(norm):
            X = nd.array(np.random.RandomState(0).normal(1, 2, (4, 4, 3, 3)))
            changed = nd.concat(first(X), others(X), dim=0)
            off = abs(norm(X)[:compared] - norm(changed)[:compared])
            return off.max().asscalar() > 1e-4
        return candidate

    def right(norm):
        return next(mates for other, mates in NORMS.values() if other is norm)

    def misses(*names):
        return lambda norm: right(norm) and norm not in [NORMS[name][0]
                                                         for name in names]

    one_sign = "a norm that only subtracts the batch's mean"
    signed = ("The differences keep their signs, so a change that lowers all outputs "
              "is missed. Take abs() before max().")
    mistakes = [
        *((misses(*names), signed) for name in SIGNED
          for names in ((name,), (name, CENTRED), (name, one_sign),
                        (name, one_sign, CENTRED))),
        (misses(CENTRED), "The differences are added up with their signs, and may "
                          "cancel. Take the largest of abs()."),
        (lambda norm: False,
         "It sees no mates anywhere. Did you change X itself before its first output "
         "was taken? b = a makes no copy of an array."),
        (lambda norm: True,
         "It sees mates where none matter. Compare the output for image 0 alone, and "
         "leave image 0 itself as it is."),
        (probe(lambda X: nd.concat(X[1:2] + 5, X[2:], dim=0)),
         "Only image 1 is replaced; image 0 may depend on one of the others."),
        (probe(lambda X: nd.concat(X[1:3], X[3:] + 5, dim=0)),
         "Only image 3 is replaced; image 0 may depend on one of the others."),
        (probe(lambda X: X[1:][::-1]),
         "The mates only change places: a mean over the batch stays the same then. "
         "Other numbers are needed."),
        (probe(lambda X: nd.concat(X[2:], X[1:2], dim=0)),
         "The mates only change places: a mean over the batch stays the same then. "
         "Other numbers are needed."),
        (lambda norm: not right(norm),
         "True and False are exchanged: True says that other images matter."),
    ]
    cases = [{"given": name, "norm": norm} for name, (norm, _) in NORMS.items()]
    return judge("depends_on_mates", answer, right, mistakes, cases,
                 verified=f"{len(cases)} norms; in some the change has one sign, or "
                          "adds up to 0.")


def ghost_batch_norm(answer):
    """ghost_batch_norm(X, size, eps): BN in training of pieces of neighbours."""
    random = np.random.RandomState(1)
    cases = [{"given": f"X of shape {shape} with an offset for each image, size = "
                       f"{size}, eps = {eps}",
              "X": nd.array(random.normal(size=shape)
                            + random.normal(0, 2, (shape[0], shape[1], 1, 1))),
              "size": size, "eps": eps}
             for shape, size, eps in (((6, 2, 3, 4), 2, 0.1), ((6, 2, 3, 4), 3, 1e-5),
                                      ((4, 4, 4, 4), 4, 0.2), ((8, 2, 2, 2), 2, 0.3))]
    return judge("ghost_batch_norm", answer, pieces_of_neighbours, MISTAKES_IN_PIECES,
                 cases, verified="four batches against BN of each piece alone.")


def by_group_norm(answer):
    """by_group_norm(kind, X, group_norm): three normalizations by GroupNorm alone."""
    random = np.random.RandomState(2)
    cases = [{"given": f"kind = {kind!r}, X of shape {shape}, group_norm with eps 0.3",
              "kind": kind, "X": nd.array(random.normal(size=shape)
                                          + random.normal(0, 2, (*shape[:2], 1, 1))),
              "group_norm": wide_group_norm}
             for shape in ((2, 6, 3, 4), (4, 4, 4, 4)) for kind in AXES]
    return judge("by_group_norm", answer, each_kind, MISTAKES_IN_GROUPS, cases,
                 verified="three kinds in two shapes, one with N = C = H = W.")


def largest_output(answer):
    """largest_output(m) -> the largest absolute value among m normalised numbers."""
    def right(m):  # one number apart from all others, normalised
        values = np.zeros(m)
        values[0] = 1
        return float((1 - values.mean()) / values.std())

    mistakes = [
        (lambda m: 1.0, "That is right for two numbers only: one number may lie far "
                        "from many that agree."),
        (lambda m: float(m - 1), "m - 1 is the square of the largest output."),
        (lambda m: float(m), "All squares add up to m: take the root. And the others "
                             "cannot all be 0, since the outputs add up to 0."),
        (lambda m: (1 - 1 / m) ** 0.5, "The squared distances are added up; the "
                                       "variance is their mean."),
        (lambda m: m ** 0.5, "All squares add up to m, but the others cannot all be 0: "
                             "the sum of the outputs is 0."),
        (lambda m: (m - 1) / m ** 0.5, "The variance divides by m - 1; batch "
                                       "normalization divides by m."),
        (lambda m: (m - 1) / m, "That is the distance from the mean, not yet divided "
                                "by the standard deviation."),
        (lambda m: float("inf"), "The outlier also enlarges the standard deviation: "
                                 "there is a limit."),
        (lambda m: 3.0, "Three standard deviations is a habit, not a limit: the limit "
                        "depends on m."),
    ]
    return judge("largest_output", answer, right, mistakes,
                 [{"m": m} for m in (3, 2, 5, 32, 1000)], tolerance=1e-6,
                 verified="five m from 2 to 1000, against one number apart from all "
                          "others.")


def stored_variances(answer):
    """stored_variances(means, variances) -> (one camera a batch, all in each batch)."""
    def right(means, variances):  # from numbers that have these statistics
        pairs = [(mean - var ** 0.5, mean + var ** 0.5)
                 for mean, var in zip(means, variances, strict=True)]
        return float(np.mean([np.var(pair) for pair in pairs])), float(np.var(pairs))

    def mistaken(*formulas):
        return lambda means, variances: tuple(float(formula(means, variances))
                                              for formula in formulas)

    def within(means, variances):
        return variances.mean()

    def joint(means, variances):
        return variances.mean() + means.var()

    mistakes = [
        (mistaken(within, within), "With all cameras in a batch the distances between "
                                   "their means count too."),
        (mistaken(joint, joint), "With one camera a batch no batch sees the distance "
                                 "between the cameras' means."),
        (mistaken(joint, within), "The two numbers stand in the wrong order."),
        (mistaken(within, lambda means, variances: variances.mean()
                  + means.var() * len(means) / (len(means) - 1)),
         "The variance of the means divides by K - 1; here it divides by K."),
        (mistaken(within, lambda means, variances: variances.mean()
                  + ((means - means.mean()) ** 2).sum()),
         "The squared distances of the means are added up; their mean is needed."),
        (mistaken(within, lambda means, variances: variances.mean()
                  + (means ** 2).mean()),
         "The means themselves are squared; their distances from the common mean must "
         "be."),
        (mistaken(within, lambda means, variances: variances.mean() + means.std()),
         "The spread of the means is added; their variance must be."),
        (mistaken(within, lambda means, variances: means.var()),
         "The variance within each camera's images is left out of the mixed batch."),
        (mistaken(lambda means, variances: np.sqrt(variances).mean() ** 2, joint),
         "Standard deviations are averaged; the layer stores variances."),
    ]
    cases = [{"means": np.array(means), "variances": np.array(variances)}
             for means, variances in (([1., -1., 4.], [0.5, 0.2, 3.]),
                                      ([0.3, 3.], [0.01, 1.]), ([2., 2.], [1., 4.]))]
    return judge("stored_variances", answer, right, mistakes, cases,
                 observe=two_variances,
                 verified="three and two cameras, once with equal means. With one "
                          "camera a batch the stored variance is too small for all "
                          "images together; section 8 shows what comes of that.")


def two_variances(candidate, means, variances):
    apart, mixed = parts(candidate(means, variances), 2, "apart and mixed")
    return {"one camera a batch": apart, "all cameras in each batch": mixed}


def choose(answer):
    """A dictionary, case -> "BN", "norm by sample", "no norm" or "mix the batches"."""
    cases = {
        "16 images": "convolutions with BN, 16 images a device, and it works",
        "2 images": "a dense layer that needs a norm, 2 images a device",
        "tell the light": "tell how bright the light is; each batch has one light",
        "ignore the light": "images in different lights, which must not matter",
        "two cameras": "a net with BN, one camera a batch: good loss, bad predictions",
    }
    by_sample = "norm by sample"
    right = {"16 images": "BN", "2 images": by_sample, "tell the light": "no norm",
             "ignore the light": by_sample, "two cameras": "mix the batches"}
    sentences = {
        ("16 images", by_sample):
            "The net works, and section 4 ranks no norms within three points: nothing "
            "calls for a change.",
        ("16 images", "no norm"):
            "The net works with BN: nothing calls for a change.",
        ("2 images", "BN"):
            "Behind a dense layer two images are two numbers: BN gives 1 and -1, "
            "whatever they were.",
        ("2 images", "no norm"): "This layer needs a norm: which one has many numbers?",
        ("tell the light", "BN"):
            "A light that the whole batch shares is what BN removes.",
        ("tell the light", by_sample):
            "A norm by sample removes the light of each image, which is the answer.",
        ("ignore the light", "BN"):
            "BN divides all images of a batch by one number; their differences stay.",
        ("ignore the light", "no norm"):
            "Without a norm the light goes on into the net; one norm removes it.",
        ("two cameras", "BN"):
            "BN is there already; its stored statistics mix two cameras, as no batch "
            "did in training.",
        ("two cameras", by_sample):
            "The net is to keep BN: change what its batches hold.",
        ("two cameras", "no norm"):
            "The weights are good, as section 8 shows: change what the batches hold.",
        "mix the batches":
            "Mixing helps where batches come from one source each, and may be mixed.",
    }
    return judge_choices("choose", answer, right, sentences, questions=cases,
                         options=("BN", by_sample, "no norm", "mix the batches"),
                         verified="five choices, as the lesson's runs speak.")
