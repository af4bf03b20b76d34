"""Tables standardised column by column: right, and the ways in which it goes wrong."""
import numpy as np
from mxnet import nd


def scaled(table, mean, std):
    """(table - mean) / std; where std is 0, only the mean is subtracted."""
    table, std = table.asnumpy().astype("float64"), np.asarray(std)
    return nd.array((table - mean) / np.where(std < 1e-6, 1, std))


def own(table, ddof=0, **axes):
    table = table.asnumpy().astype("float64")
    return table.mean(**axes), table.std(ddof=ddof, **axes)


def with_training(ddof=0, **axes):
    """Both tables by the statistics of train."""
    def candidate(train, test):
        mean, std = own(train, ddof, **axes)
        return scaled(train, mean, std), scaled(test, mean, std)
    return candidate


by_columns = with_training(axis=0)


def each_its_own(train, test):
    return tuple(scaled(table, *own(table, axis=0)) for table in (train, test))


def centred_alone(train, test):
    """test by its own mean, and by the standard deviation of train."""
    std = own(train, axis=0)[1]
    return tuple(scaled(table, own(table, axis=0)[0], std) for table in (train, test))


def together(train, test):
    mean, std = own(nd.concat(train, test, dim=0), axis=0)
    return scaled(train, mean, std), scaled(test, mean, std)


def test_as_it_is(train, test):
    return by_columns(train, test)[0], test


def rows(train, test):
    return tuple(scaled(table, *own(table, axis=1, keepdims=True))
                 for table in (train, test))


def by_variance(train, test):
    mean, std = own(train, axis=0)
    return scaled(train, mean, std ** 2), scaled(test, mean, std ** 2)


def divided(by):
    """Both divided by by(variance), in 32 bits, as nd has it."""
    def candidate(train, test):
        mean = train.mean(axis=0)
        std = by(nd.square(train - mean).mean(axis=0))
        return (train - mean) / std, (test - mean) / std
    return candidate


def made_finite(train, test):
    """nan_to_num after the division by 0."""
    return tuple(nd.array(np.nan_to_num(table.asnumpy()))
                 for table in divided(nd.sqrt)(train, test))


def zeroed(train, test):
    """0 in each column that is constant in train, in test too."""
    varies = nd.array(own(train, axis=0)[1] > 1e-6)
    return tuple(table * varies for table in by_columns(train, test))


SMALL = ("A small number in place of 0 makes test's distance from a constant huge: "
         "where the standard deviation is 0, divide by 1.")
TABLE_MISTAKES = [
    (each_its_own, "test is standardised by its own statistics; it must get those of "
                   "train."),
    (centred_alone, "test is centred by its own mean; it must get that of train."),
    (divided(nd.sqrt), "A constant column divides 0 by 0. Divide by 1 where the "
                       "standard deviation is 0."),
    (zeroed, "In a constant column test's numbers have become 0 too. They may differ "
             "from train's: only subtract the mean."),
    (made_finite, "test may differ from train's constant: something else than 0, "
                  "divided by 0, becomes huge. Divide by 1 there."),
    *[(divided(by), SMALL) for eps in (1e-5, 1e-8, 1e-6, 1e-7) for by in (
        lambda var, eps=eps: nd.sqrt(var) + eps,
        lambda var, eps=eps: nd.sqrt(var + eps),
        lambda var, eps=eps: nd.maximum(nd.sqrt(var), eps))],
    (together, "The statistics come from train and test together: the test data leak "
               "in."),
    (test_as_it_is, "test has stayed as it came; it gets train's statistics."),
    (with_training(), "One mean is taken over the whole table; each column has its "
                      "own."),
    (with_training(axis=0, ddof=1), "The standard deviation divides by m - 1; the "
                                    "population variance divides by m."),
    (rows, "Each row is standardised; a feature is a column."),
    (by_variance, "It divides by the variance; its root is missing."),
    (lambda train, test: by_columns(train, test)[::-1],
     "The two tables stand in the wrong order."),
]
