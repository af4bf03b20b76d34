"""BN over the tokens that count: right, and the ways in which it goes wrong."""
import numpy as np

EPS = 1e-5


def counts(X, lengths):
    """Which tokens count, of shape (N, T, 1)."""
    return (np.arange(X.shape[1]) < lengths[:, None])[..., None]


def with_statistics(statistics):
    """X normalised with the mean and the variance that a function gives."""
    def candidate(X, lengths):
        mean, var = statistics(X, lengths)
        return np.where(counts(X, lengths), (X - mean) / np.sqrt(var + EPS), 0)
    return candidate


def of_those_that_count(X, lengths):
    rows = np.concatenate([x[:n] for x, n in zip(X, lengths, strict=True)])
    return rows.mean(axis=0), rows.var(axis=0)


def all_tokens(X, lengths):
    return X.mean(axis=(0, 1)), X.var(axis=(0, 1))


def zeros_count(X, lengths):
    return all_tokens(X * counts(X, lengths), lengths)


def cut_to(length):
    """Of the first length(lengths) tokens of every sample."""
    return lambda X, lengths: all_tokens(X[:, :length(lengths)], lengths)


def padding_in_the_variance(X, lengths):
    mean, M = of_those_that_count(X, lengths)[0], counts(X, lengths)
    return mean, np.square(X * M - mean).sum(axis=(0, 1)) / M.sum()


def wrong_count_in_variance(X, lengths):
    mean, M = of_those_that_count(X, lengths)[0], counts(X, lengths)
    return mean, (np.square(X - mean) * M).mean(axis=(0, 1))


def alike(X, lengths):
    pairs = list(zip(X, lengths, strict=True))
    return (np.stack([x[:n].mean(axis=0) for x, n in pairs]).mean(axis=0),
            np.stack([x[:n].var(axis=0) for x, n in pairs]).mean(axis=0))


def each_sample(X, lengths):
    pairs = [of_those_that_count(x[None], np.array([n]))
             for x, n in zip(X, lengths, strict=True)]
    return (np.stack(part)[:, None] for part in zip(*pairs, strict=True))


def each_token(X, lengths):
    return X.mean(axis=-1, keepdims=True), X.var(axis=-1, keepdims=True)


def each_position(X, lengths):
    M = counts(X, lengths)
    number = np.maximum(M.sum(axis=0), 1)
    mean = (X * M).sum(axis=0) / number
    return mean, (np.square(X - mean) * M).sum(axis=0) / number


def sample_variance(X, lengths):
    mean, var = of_those_that_count(X, lengths)
    return mean, var * lengths.sum() / (lengths.sum() - 1)


def one_more(X, lengths):
    return of_those_that_count(X, lengths + 1)


def divided_by(divisor):
    """The right statistics, but with another divisor, a function of the variance."""
    def statistics(X, lengths):
        mean, var = of_those_that_count(X, lengths)
        return mean, divisor(var) ** 2 - EPS
    return statistics


def one_number(X, lengths):
    rows = X[counts(X, lengths)[..., 0]]
    return rows.mean(), rows.var()


MASKED_MISTAKES = [(with_statistics(wrong), sentence) for wrong, sentence in [
    (all_tokens, "All tokens count in the statistics, those behind lengths too."),
    (zeros_count, "The padding is set to 0 but still counted: divide by the number of "
                  "tokens that count, not by N * T."),
    (padding_in_the_variance, "The mean is right. In the variance the padding's "
                              "distance from the mean is still added: mask after you "
                              "subtract."),
    (wrong_count_in_variance, "The mean is right. The variance divides by N * T, not "
                              "by the number of tokens that count."),
    (alike, "Each sample's statistics count alike; longer samples must count more, and "
            "the batch shares one mean."),
    (each_sample, "Each sample has statistics of its own; the batch shares them."),
    (each_token, "Each token has statistics of its own, as in LayerNorm; BN takes them "
                 "for each feature, over all tokens that count."),
    (each_position, "Each position has statistics of its own; all positions share "
                    "them."),
    (divided_by(lambda var: np.sqrt(var) + EPS),
     "eps is added to the standard deviation; it belongs to the variance, inside the "
     "root."),
    (divided_by(np.sqrt), "eps is forgotten: add it to the variance, inside the root."),
    (sample_variance, "The variance divides by m - 1; batch normalization divides by "
                      "m."),
    (one_more, "One token too many counts: the first lengths[n] are those before index "
               "lengths[n]."),
    (cut_to(np.max), "All samples are cut to the longest; the shorter ones still have "
                     "padding, which counts."),
    (cut_to(np.min), "All samples are cut to the shortest; tokens that count are lost "
                     "from the longer ones."),
    (divided_by(lambda var: var + EPS),
     "The root is missing: it divides by the variance."),
    (one_number, "All features share one mean; each feature has its own."),
]]
