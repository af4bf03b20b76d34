"""Wrong answers to the exercises of lesson 01."""
from mxnet import nd


def always_channels_first(layout):
    axes = list(range(len(layout)))
    axes.remove(1)
    return axes


def memorised(layout):
    return (0, 2, 3)


def place_of_the_channel(layout):
    return (layout.index("C"),)


def samples_alone(layout):
    return (layout.find("N"),)


def compares_what_is_named(i, j, axes):
    for axis in axes:
        if i[axis] != j[axis]:
            return False
    return True


def same_channel(i, j, axes):
    return i[1] == j[1]


def same_place(i, j, axes):
    return tuple(i) == tuple(j)


def any_equal_index(i, j, axes):
    for axis in range(len(i)):
        if axis not in axes and i[axis] == j[axis]:
            return True
    return False


CAUSES = {"a": "m - 1", "b": "axes of the other layout",
          "c": "reshape without transpose", "d": "no keepdims", "e": "axis 0 alone"}


def with_keepdims_only(X, eps=1e-5):
    mean = X.mean(axis=(0, 2, 3), keepdims=True)
    m = X.size // mean.size
    var = nd.square(X - mean).sum(axis=(0, 2, 3), keepdims=True) / (m - 1)
    return (X - mean) / nd.sqrt(var + eps)


def with_axes_only(X, eps=1e-5):
    mean = X.mean(axis=(0, 1, 2))
    m = X.size // mean.size
    var = nd.square(X - mean).sum(axis=(0, 1, 2)) / (m - 1)
    return (X - mean) / nd.sqrt(var + eps)


def with_keepdims_and_m(X, eps=1e-5):
    mean = X.mean(axis=(0, 2, 3), keepdims=True)
    var = ((X - mean) ** 2).mean(axis=(0, 2, 3), keepdims=True)
    return (X - mean) / (var + eps).sqrt()


def nothing_mended(X, eps=1e-5):
    mean = X.mean(axis=(0, 2, 3))
    m = X.size // mean.size
    var = nd.square(X - mean).sum(axis=(0, 2, 3)) / (m - 1)
    return (X - mean) / nd.sqrt(var + eps)


def each_image_alone(X, eps=1e-5):
    mean = X.mean(axis=(1, 2), keepdims=True)
    var = ((X - mean) ** 2).mean(axis=(1, 2), keepdims=True)
    return (X - mean) / (var + eps).sqrt()


def averages(n_1, mean_1, var_1, n_2, mean_2, var_2):
    return 0.5 * (mean_1 + mean_2), 0.5 * (var_1 + var_2)


def weighted_averages(n_1, mean_1, var_1, n_2, mean_2, var_2):
    n = n_1 + n_2
    return (n_1 * mean_1 + n_2 * mean_2) / n, (n_1 * var_1 + n_2 * var_2) / n


def follows_the_hint_halfway(n_1, mean_1, var_1, n_2, mean_2, var_2):
    n = n_1 + n_2
    mean = (n_1 * mean_1 + n_2 * mean_2) / n
    square_1, square_2 = var_1 + mean_1 * mean_1, var_2 + mean_2 * mean_2
    return mean, (n_1 * square_1 + n_2 * square_2) / n


WRONG = {
    "axes_to_name": [(always_channels_first, "taken to be axis 1"),
                     (memorised, "fits NCHW alone"),
                     (place_of_the_channel, "the axis to leave"),
                     (samples_alone, "each pixel has a mean")],
    "share_a_statistic": [(compares_what_is_named, "The named axes"),
                          (same_channel, "Only axis 1"),
                          (same_place, "can share a mean"),
                          (any_equal_index, "not enough")],
    "name_the_cause": [({**CAUSES, "d": "axes of the other layout"}, "all channels"),
                       ({**CAUSES, "b": "axis 0 alone"}, "each place of an image"),
                       ({**CAUSES, "a": "no keepdims", "d": "m - 1"},
                        "along the wrong axis")],
    "mended": [(with_keepdims_only, "Only keepdims has changed"),
               (with_axes_only, "The variance still divides"),
               (with_keepdims_and_m, "still join the channels"),
               (nothing_mended, "This is what the broken function gives."),
               (each_image_alone, "Each image")],
    "merged_statistics": [(averages, "half and half"),
                          (weighted_averages, "within each batch is averaged"),
                          (follows_the_hint_halfway, "still to be taken away")],
}
