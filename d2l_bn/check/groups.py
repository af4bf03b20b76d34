"""Images standardised by camera: the ways in which whose statistics go wrong."""
import numpy as np


def by_groups(groups, mean_of=None, std_of=None, axis=None, ddof=0):
    """(X, camera) -> X, each group of images standardised.

    groups: function (X, camera) -> masks of images that share statistics. mean_of and
    std_of: other such functions, for one group whose statistic all get.
    """
    def candidate(X, camera):
        Z = np.zeros(X.shape)
        for rows in groups(X, camera):
            for_mean, for_std = (one(X, camera)[0] if one else rows
                                 for one in (mean_of, std_of))
            mean = X[for_mean].mean(axis=axis)
            Z[rows] = (X[rows] - mean) / X[for_std].std(axis=axis, ddof=ddof)
        return Z
    return candidate


def each_camera(X, camera):
    return [camera == one for one in np.unique(camera)]


def each_image(X, camera):
    return np.eye(len(X), dtype=bool)


def all_images(X, camera):
    return [np.ones(len(X), dtype=bool)]


def centred_alone(X, camera):
    Z = X.copy()
    for rows in each_camera(X, camera):
        Z[rows] -= X[rows].mean()
    return Z


def contrast_of_each_image(X, camera):
    Z = centred_alone(X, camera)
    return Z / X.std(axis=(1, 2), keepdims=True)


def two_fixed(rest):
    """Cameras 0 and 1 by their statistics, the other images as rest(X) has them."""
    def candidate(X, camera):
        Z, right = rest(X), by_groups(each_camera)(X, camera)
        Z[camera < 2] = right[camera < 2]
        return Z
    return candidate


def sorted_by_camera(X, camera):
    Z = by_groups(each_camera)(X, camera)
    return np.concatenate([Z[rows] for rows in each_camera(X, camera)])


MISTAKES = [
    (by_groups(all_images), "All cameras are pooled: each camera's images keep their "
                            "own level and contrast."),
    (by_groups(each_image), "Each image has statistics of its own, so that bright and "
                            "dark scenes look alike; a camera's images share them."),
    (by_groups(each_camera, std_of=all_images), "The mean is each camera's own; the "
                                                "standard deviation is pooled."),
    (by_groups(each_camera, mean_of=all_images), "The standard deviation is each "
                                                 "camera's own; the mean is pooled."),
    (contrast_of_each_image, "The mean is each camera's own; the standard deviation is "
                             "each image's. A camera's images share both."),
    *[(two_fixed(rest), "Only cameras 0 and 1 are treated; np.unique(camera) gives all "
                        "numbers that occur.") for rest in (np.zeros_like, np.copy)],
    (centred_alone, "The mean is taken away; the division by each camera's standard "
                    "deviation is missing."),
    (by_groups(each_camera, axis=0), "Each pixel has statistics of its own; all pixels "
                                     "of a camera share one mean."),
    (by_groups(all_images, mean_of=each_camera, std_of=each_camera),
     "One camera's statistics serve for all; each needs its own."),
    (sorted_by_camera, "The values are right, but the images are sorted by camera now; "
                       "keep their order."),
    (by_groups(each_camera, ddof=1), "The standard deviation divides by m - 1; the "
                                     "population variance divides by m."),
]
