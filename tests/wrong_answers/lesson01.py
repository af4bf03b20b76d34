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


def of_images_only(layout):
    return tuple(layout.index(letter) for letter in "NHW" if letter in layout)


def all_but_the_first(layout):
    return tuple(range(1, len(layout)))


def counts_from_one(layout):
    return [place for place, letter in enumerate(layout, start=1) if letter != "C"]


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


def first_that_is_left(i, j, axes):
    for axis in range(len(i)):
        if axis not in axes:
            return i[axis] == j[axis]
    return True


def always(i, j, axes):
    return True


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


def with_reshape(X, eps=1e-5):
    N, H, W, C = X.shape
    X = X.reshape((N, C, H, W))
    mean = X.mean(axis=(0, 2, 3), keepdims=True)
    var = ((X - mean) ** 2).mean(axis=(0, 2, 3), keepdims=True)
    return ((X - mean) / (var + eps).sqrt()).reshape((N, H, W, C))


def left_in_nchw(X, eps=1e-5):
    X = X.transpose((0, 3, 1, 2))
    mean = X.mean(axis=(0, 2, 3), keepdims=True)
    var = ((X - mean) ** 2).mean(axis=(0, 2, 3), keepdims=True)
    return (X - mean) / (var + eps).sqrt()


def eps_outside(X, eps=1e-5):
    mean = X.mean(axis=(0, 1, 2))
    return (X - mean) / (((X - mean) ** 2).mean(axis=(0, 1, 2)).sqrt() + eps)


def without_eps(X, eps=1e-5):
    mean = X.mean(axis=(0, 1, 2))
    return (X - mean) / ((X - mean) ** 2).mean(axis=(0, 1, 2)).sqrt()


def without_root(X, eps=1e-5):
    mean = X.mean(axis=(0, 1, 2))
    return (X - mean) / (((X - mean) ** 2).mean(axis=(0, 1, 2)) + eps)


def one_for_all(X, eps=1e-5):
    return (X - X.mean()) / (((X - X.mean()) ** 2).mean() + eps).sqrt()


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


def swaps_weights(n_1, mean_1, var_1, n_2, mean_2, var_2):
    a, b = n_2 / (n_1 + n_2), n_1 / (n_1 + n_2)
    mean = a * mean_1 + b * mean_2
    return mean, a * (var_1 + (mean_1 - mean) ** 2) + b * (var_2 + (mean_2 - mean) ** 2)


def half_within(n_1, mean_1, var_1, n_2, mean_2, var_2):
    a, b = n_1 / (n_1 + n_2), n_2 / (n_1 + n_2)
    mean = a * mean_1 + b * mean_2
    return mean, ((var_1 + var_2) / 2 + a * (mean_1 - mean) ** 2
                  + b * (mean_2 - mean) ** 2)


def quarter_between(n_1, mean_1, var_1, n_2, mean_2, var_2):
    a, b = n_1 / (n_1 + n_2), n_2 / (n_1 + n_2)
    return (a * mean_1 + b * mean_2,
            a * var_1 + b * var_2 + (mean_1 - mean_2) ** 2 / 4)


def returns_std(n_1, mean_1, var_1, n_2, mean_2, var_2):
    a, b = n_1 / (n_1 + n_2), n_2 / (n_1 + n_2)
    return (a * mean_1 + b * mean_2,
            (a * var_1 + b * var_2 + a * b * (mean_1 - mean_2) ** 2).sqrt())


def sums_variances(n_1, mean_1, var_1, n_2, mean_2, var_2):
    return (n_1 * mean_1 + n_2 * mean_2) / (n_1 + n_2), var_1 + var_2


WRONG = {
    "axes_to_name": [(always_channels_first, "taken to be axis 1"),
                     (memorised, "fits NCHW alone"),
                     (place_of_the_channel, "the axis to leave"),
                     (samples_alone, "each pixel has a mean"),
                     (of_images_only, "Only N, H and W"),
                     (all_but_the_first, "All but N"),
                     (counts_from_one, "begin at 1")],
    "share_a_statistic": [(compares_what_is_named, "The named axes"),
                          (same_channel, "Only axis 1"),
                          (same_place, "can share a mean"),
                          (any_equal_index, "not enough"),
                          (first_that_is_left, "Only the first axis"),
                          (always, "always True")],
    "name_the_cause": [({**CAUSES, "a": "axis 0 alone"}, "For a dense layer's output"),
                       ({**CAUSES, "d": "axes of the other layout"}, "all channels"),
                       ({**CAUSES, "b": "axis 0 alone"}, "each place of an image"),
                       ({**CAUSES, "a": "no keepdims", "d": "m - 1"},
                        "along the wrong axis")],
    "mended": [(with_keepdims_only, "Only keepdims has changed"),
               (with_axes_only, "The variance still divides"),
               (with_keepdims_and_m, "still join the channels"),
               (nothing_mended, "This is what the broken function gives."),
               (each_image_alone, "Each image"),
               (with_reshape, "reshape moves no axis"),
               (left_in_nchw, "in the order (N, C, H, W)"),
               (eps_outside, "outside the root"), (without_eps, "eps is forgotten"),
               (without_root, "root is missing"), (one_for_all, "over everything")],
    "merged_statistics": [(averages, "half and half"),
                          (weighted_averages, "within each batch is averaged"),
                          (follows_the_hint_halfway, "still to be taken away"),
                          (swaps_weights, "swapped"), (half_within, "within the batch"),
                          (quarter_between, "A quarter"),
                          (returns_std, "standard deviation"),
                          (sums_variances, "are added up. Average")],
}
