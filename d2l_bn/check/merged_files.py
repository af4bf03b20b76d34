"""Files of two workers, put together rightly or with one mistake."""
import numpy as np
from mxnet import nd

SENTENCES = {
    "mean of variances": "The variance is the mean of the variances; the variance "
                         "of the means is missing.",
    "equal": "Both files get the same weight; each must count by its images.",
    "swapped": "The shares are swapped: each file has the other's number of images.",
    "first alone": "The first file comes back as it was; its statistics are those of "
                   "its own images.",
    "equal variance": "The mean counts by images, but the variance has equal weights.",
    **dict.fromkeys(("overwritten", "overwritten, then anew"),
                    "The joint mean has replaced the first file's mean before the "
                    "variance was made: that needs the old means."),
    "statistics alone": "Only the statistics are kept; the file needs the weights, "
                        "too, which are equal in both.",
    "unweighted": "The variance of the means has equal weights; it also counts by "
                  "images.",
    "standard deviations": "The standard deviations are averaged; variances are.",
    "not squared": "The distances of the means are not squared.",
    "whole distance": "The square of the distance of the two means is added; it is "
                      "their distance from the joint mean, squared and weighted.",
    "minus": "The variance of the means is subtracted; parts that differ make the "
             "joint variance larger.",
    "sample": "The variance divides by m - 1; MXNet's divides by m.",
    "first mean": "The mean is that of the first file alone.",
    "weights added": "Weights, gamma and beta are added; they are equal in both "
                     "files and stay.",
}


def joined_files(mode):
    """merge_files with one mistake, or none; by NumPy, in float64."""
    def merge_files(first, second, m_1, m_2):
        if mode == "first alone":
            return dict(first)
        counts = {"equal": [1, 1], "swapped": [m_2, m_1]}.get(mode, [m_1, m_2])
        w = np.array(counts)[:, None] / sum(counts)
        merged = {}
        for name in first:
            a, b = (np.stack([file[key].asnumpy().astype("float64")
                              for file in (first, second)])
                    for key in (name, name.replace("running_var", "running_mean")))
            if name.endswith("running_mean"):
                merged[name] = a[0] if mode == "first mean" else (w * a).sum(0)
            elif name.endswith("running_var"):
                merged[name] = variance_of(a, b, w, m_1 + m_2, mode)
            else:
                merged[name] = a[0] + a[1] * (mode == "weights added")
        if mode == "statistics alone":
            merged = {name: merged[name] for name in merged if "running" in name}
        return {name: nd.array(value) for name, value in merged.items()}
    return merge_files


def variance_of(var, means, w, m, mode):
    mean = (w * means).sum(0)
    between = (w * (means - mean) ** 2).sum(0)
    written = np.stack([mean, means[1]])  # where the joint mean replaced the first
    anew = (w * written).sum(0)
    return {"mean of variances": (w * var).sum(0), "first mean": (w * var).sum(0),
            "standard deviations": (w * np.sqrt(var)).sum(0) ** 2,
            "not squared": (w * (var + abs(means - mean))).sum(0),
            "whole distance": (w * var).sum(0) + (means[0] - means[1]) ** 2,
            "minus": (w * var).sum(0) - between,
            "sample": ((w * var).sum(0) + between) * m / (m - 1),
            "unweighted": (w * var).sum(0) + means.var(0),
            "equal variance": (var + (means - mean) ** 2).mean(0),
            "overwritten": (w * (var + (written - mean) ** 2)).sum(0),
            "overwritten, then anew": (w * (var + (written - anew) ** 2)).sum(0),
            }.get(mode, (w * var).sum(0) + between)
