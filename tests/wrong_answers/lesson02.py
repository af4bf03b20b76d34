"""Wrong answers to the exercises of lesson 02."""
import numpy as np
from mxnet import nd

STATISTICS = {"a": "my training data's", "b": "own", "c": "my training data's",
              "d": "per camera", "e": "ImageNet's"}


def scaled(table, by):
    mean = by.mean(axis=0)
    std = ((by - mean) ** 2).mean(axis=0).sqrt()
    return (table - mean) / nd.where(std > 0, std, nd.ones_like(std))


def each_by_its_own(train, test):
    return scaled(train, train), scaled(test, test)


def forgets_constant_columns(train, test):
    mean, std = train.asnumpy().mean(axis=0), train.asnumpy().std(axis=0)
    with np.errstate(all="ignore"):
        return (nd.array((train.asnumpy() - mean) / std),
                nd.array((test.asnumpy() - mean) / std))


def from_both(train, test):
    both = nd.concat(train, test, dim=0)
    return scaled(train, both), scaled(test, both)


def one_mean_for_all(train, test):
    mean, std = train.mean(), train.asnumpy().std()
    return (train - mean) / float(std), (test - mean) / float(std)


def centres_test_alone(train, test):
    std = nd.sqrt(((train - train.mean(axis=0)) ** 2).mean(axis=0))
    std = nd.where(std == 0, nd.ones_like(std), std)
    return (train - train.mean(axis=0)) / std, (test - test.mean(axis=0)) / std


def zeroes_the_column(train, test):
    a, b = train.asnumpy(), test.asnumpy()
    mean, std = a.mean(axis=0), a.std(axis=0)
    a, b = (a - mean) / np.where(std, std, 1), (b - mean) / np.where(std, std, 1)
    a[:, std == 0] = b[:, std == 0] = 0
    return nd.array(a), nd.array(b)


def hides_nan(train, test):
    return tuple(nd.array(np.nan_to_num(a.asnumpy()))
                 for a in forgets_constant_columns(train, test))


def with_a_small_number(train, test):
    mean = train.mean(axis=0)
    std = ((train - mean) ** 2).mean(axis=0).sqrt() + 1e-8
    return (train - mean) / std, (test - mean) / std


def pooled(X, camera):
    return (X - X.mean()) / X.std()


def image_by_image(X, camera):
    return np.stack([(image - image.mean()) / image.std() for image in X])


def only_the_mean(X, camera):
    result = X.copy()
    for number in set(camera.tolist()):
        result[camera == number] -= X[camera == number].mean()
    return result


def camera_after_camera(X, camera):
    found = []
    for number in sorted(set(camera.tolist())):
        images = X[camera == number]
        found.append((images - images.mean()) / images.std())
    return np.concatenate(found)


def contrast_of_each(X, camera):
    Z = np.empty(X.shape)
    for n, image in enumerate(X):
        Z[n] = (image - X[camera == camera[n]].mean()) / image.std()
    return Z


def two_cameras(X, camera):
    Z = np.zeros(X.shape)
    for number in (0, 1):
        if (camera == number).any():
            images = X[camera == number]
            Z[camera == number] = (images - images.mean()) / images.std()
    return Z


IS_SO = {"share is larger": False, "distance is smaller": False,
         "width is larger": True, "width shrinks": False}


def forgets_the_mean(W, b, mu, sigma):
    return W / sigma.expand_dims(1), b


def divides_columns(W, b, mu, sigma):
    W_raw = W / sigma
    return W_raw, b - nd.dot(mu, W_raw)


def mean_not_divided(W, b, mu, sigma):
    return (W.T / sigma).T, b - nd.dot(mu, W)


def adds_the_mean(W, b, mu, sigma):
    W_raw = (W.T / sigma).T
    return W_raw, b + nd.dot(mu, W_raw)


def multiplies(W, b, mu, sigma):
    W_raw = W * sigma.expand_dims(1)
    return W_raw, b - nd.dot(mu, W_raw)


WRONG = {
    "which_statistics": [({**STATISTICS, "a": "own"}, "look like any others"),
                         ({**STATISTICS, "c": "Own "}, "its own mean"),
                         ({**STATISTICS, "b": "my training data's"}, "artefact"),
                         ({**STATISTICS, "d": "own"}, "common mean")],
    "constants_for_bytes": [({"mean": 0.286, "std": 0.353}, "from 0 to 1"),
                            ({"mean": 72.93, "std": 0.353}, "The mean is right"),
                            ({"mean": 72.93, "std": 0.353 * 65025}, "The variance")],
    "standardise_table": [(each_by_its_own, "by its own statistics"),
                          (forgets_constant_columns, "divides 0 by 0"),
                          (from_both, "leak in"),
                          (one_mean_for_all, "whole table"),
                          (centres_test_alone, "centred by its own mean"),
                          (zeroes_the_column, "have become 0 too"),
                          (hides_nan, "becomes huge"),
                          (with_a_small_number, "A small number")],
    "standardise_by_camera": [(pooled, "are pooled"), (image_by_image, "Each image"),
                              (only_the_mean, "division"),
                              (camera_after_camera, "sorted by camera"),
                              (contrast_of_each, "is each image's"),
                              (two_cameras, "Only cameras 0 and 1")],
    "tames_the_outlier": [({**IS_SO, "share is larger": True}, "bulk and range alike"),
                          ({**IS_SO, "distance is smaller": True}, "its unit"),
                          ({**IS_SO, "width is larger": np.False_}, "quartiles"),
                          ({**IS_SO, "width shrinks": True}, "Percentiles")],
    "into_the_weights": [(forgets_the_mean, "The mean is forgotten"),
                         (divides_columns, "divides the columns"),
                         (mean_not_divided, "is not divided"),
                         (adds_the_mean, "is subtracted from X"),
                         (multiplies, "multiplied by sigma")],
}
