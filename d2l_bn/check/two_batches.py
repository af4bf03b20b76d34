"""Statistics of two batches, joined: right, and the ways in which it goes wrong."""
import numpy as np
from mxnet import nd


def joined(n_1, mean_1, var_1, n_2, mean_2, var_2):
    """In float64, from the sums over both batches."""
    n, means, variances = np.array([n_1, n_2], "float64"), [], []
    pairs = zip(*(a.asnumpy().astype("float64")
                  for a in (mean_1, var_1, mean_2, var_2)), strict=True)
    for one, var_of_one, two, var_of_two in pairs:
        sums = (n * [one, two]).sum()
        squares = (n * [var_of_one + one ** 2, var_of_two + two ** 2]).sum()
        means.append(sums / n.sum())
        variances.append(squares / n.sum() - means[-1] ** 2)
    return nd.array(means), nd.array(variances)


def weighted(n_1, one, n_2, two):
    return (n_1 * one + n_2 * two) / (n_1 + n_2)


def with_variance(variance):
    """The right mean, and variance(within, squared distance of the means, shares)."""
    def candidate(n_1, mean_1, var_1, n_2, mean_2, var_2):
        shares = n_1 / (n_1 + n_2), n_2 / (n_1 + n_2)
        return (weighted(n_1, mean_1, n_2, mean_2),
                variance((var_1, var_2), nd.square(mean_1 - mean_2), shares))
    return candidate


def within(variances, shares):
    return shares[0] * variances[0] + shares[1] * variances[1]


def unweighted(n_1, mean_1, var_1, n_2, mean_2, var_2):
    return joined(1, mean_1, var_1, 1, mean_2, var_2)


def halves(n_1, mean_1, var_1, n_2, mean_2, var_2):
    return (mean_1 + mean_2) / 2, (var_1 + var_2) / 2


def swapped_weights(n_1, mean_1, var_1, n_2, mean_2, var_2):
    return joined(n_2, mean_1, var_1, n_1, mean_2, var_2)


def squares_alone(n_1, mean_1, var_1, n_2, mean_2, var_2):
    return (weighted(n_1, mean_1, n_2, mean_2),
            weighted(n_1, var_1 + nd.square(mean_1), n_2, var_2 + nd.square(mean_2)))


def of_sample_variances(n_1, mean_1, var_1, n_2, mean_2, var_2):
    n = n_1 + n_2
    squares = ((n_1 - 1) * var_1 + (n_2 - 1) * var_2
               + n_1 * n_2 / n * nd.square(mean_1 - mean_2))
    return weighted(n_1, mean_1, n_2, mean_2), squares / (n - 1)


def deviation(*case):
    mean, var = joined(*case)
    return mean, nd.sqrt(var)


JOINED_WRONGLY = [
    (with_variance(lambda variances, squared, shares: within(variances, shares)),
     "The variance within each batch is averaged. The distance between the two means "
     "adds to the joint variance."),
    (halves, "Means and variances are averaged half and half: the larger batch counts "
             "more, and the means' distance adds to the variance."),
    (unweighted, "Both batches count alike; n_1 and n_2 must weigh them."),
    (swapped_weights, "The weights are swapped: n_1 belongs to mean_1 and var_1."),
    (with_variance(lambda variances, squared, shares:
                   (variances[0] + variances[1]) / 2 + shares[0] * shares[1] * squared),
     "The mean is right. The variances within the batches are averaged half and half; "
     "n_1 and n_2 must weigh them."),
    (with_variance(lambda variances, squared, shares:
                   within(variances, shares) + squared / 4),
     "The mean is right. A quarter of the squared distance is added, which fits equal "
     "sizes alone; each batch's distance from the joint mean counts, by its share."),
    (with_variance(lambda variances, squared, shares:
                   within(variances, shares) + squared),
     "The whole squared distance of the two means is added; each batch's distance from "
     "the joint mean counts, by its share."),
    (with_variance(lambda variances, squared, shares: variances[0] + variances[1]),
     "The variances are added up. Average them by n_1 and n_2, and add what the means' "
     "distance gives."),
    (with_variance(lambda variances, squared, shares:
                   variances[0] + variances[1] + shares[0] * shares[1] * squared),
     "The mean is right. The variances within the batches are added up; their average, "
     "by n_1 and n_2, counts."),
    (squares_alone, "This is the mean of the squares; the squared joint mean is still "
                    "to be taken away."),
    (of_sample_variances, "The parts are joined as sample variances (m - 1); these are "
                          "population variances."),
    (deviation, "This is the standard deviation; the variance is asked for."),
    (lambda *case: joined(*case)[::-1],
     "Mean and variance stand in the wrong order."),
]
