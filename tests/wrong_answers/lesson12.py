"""Wrong answers to the exercises of lesson 12."""
from d2l_bn import check  # noqa: F401 - it makes MXNet importable

import numpy as np
from mxnet import nd


def one_part_alone(parts, images, divisor):
    return images / divisor


def trainer_knows(parts, images, divisor):
    return 1


def never_short(parts, images, divisor):
    return max(1., images * parts / divisor)


def upside_down(parts, images, divisor):
    return divisor / images / parts


def leaves_q(q, batch_size, part):
    return q


def eight_parts(q, batch_size, part):
    return q ** (1 / 8)


def divides_the_new_share(q, batch_size, part):
    updates = batch_size // part
    return 1 - (1 - q) / updates


def a_power_for_a_root(q, batch_size, part):
    kept = 1.
    for _ in range(batch_size // part):
        kept *= q
    return kept


def signed(Z, first):
    return Z.mean(axis=0) - 0.5 * (Z[:first].mean(axis=0) + Z[first:].mean(axis=0))


def by_the_numbers(Z, first):
    share = first / len(Z)
    mean = share * Z[:first].mean(axis=0) + (1 - share) * Z[first:].mean(axis=0)
    return np.abs(mean - Z.mean(axis=0))


def over_everything(Z, first):
    return np.abs(0.5 * (Z[:first].mean(axis=0) + Z[first:].mean(axis=0)) - Z.mean())


def one_number(Z, first):
    halves = np.stack([Z[:first].mean(axis=0), Z[first:].mean(axis=0)])
    return np.abs(halves.mean(axis=0) - Z.mean(axis=0)).mean()


def apart(Z, first):
    return np.abs(Z[:first].mean(axis=0) - Z[first:].mean(axis=0))


def averages_all(first, second, m_1, m_2):
    share = m_1 / (m_1 + m_2)
    return {name: share * first[name] + (1 - share) * second[name] for name in first}


def averages_equally(first, second, m_1, m_2):
    out = {}
    for name, a in first.items():
        b = second[name]
        out[name] = (a + b) / 2
        if name.endswith("running_var"):
            mean = name[:-3] + "mean"
            out[name] = out[name] + ((first[mean] - second[mean]) / 2) ** 2
    return out


def whole_square(first, second, m_1, m_2):
    out = averages_all(first, second, m_1, m_2)
    for name in out:
        if name.endswith("_var"):
            mean = name.replace("_var", "_mean")
            out[name] = out[name] + nd.square(first[mean] - second[mean])
    return out


def shares_swapped(first, second, m_1, m_2):
    out = dict(first)
    for name in first:
        if name.endswith("running_mean"):
            var, a, b = name.replace("mean", "var"), first[name], second[name]
            mean = (m_2 * a + m_1 * b) / (m_1 + m_2)
            out[name] = mean
            out[var] = (m_2 * (first[var] + (a - mean) ** 2)
                        + m_1 * (second[var] + (b - mean) ** 2)) / (m_1 + m_2)
    return out


def mean_is_overwritten(first, second, m_1, m_2):
    out, w = dict(first), m_1 / (m_1 + m_2)
    for name in first:
        if name.endswith("running_mean"):
            out[name] = w * first[name] + (1 - w) * second[name]
        if name.endswith("running_var"):
            mean = name.replace("running_var", "running_mean")
            joint = w * out[mean] + (1 - w) * second[mean]
            out[name] = (w * (first[name] + (out[mean] - joint) ** 2)
                         + (1 - w) * (second[name] + (second[mean] - joint) ** 2))
    return out


def statistics_alone(first, second, m_1, m_2):
    out, m = {}, m_1 + m_2
    for name in first:
        if name.endswith("running_mean"):
            mean = (m_1 * first[name] + m_2 * second[name]) / m
            var = name.replace("mean", "var")
            out[name] = mean
            out[var] = (m_1 * (first[var] + (first[name] - mean) ** 2)
                        + m_2 * (second[var] + (second[name] - mean) ** 2)) / m
    return out


def ring(channels, trained, n, numbers=4, waits=2):
    share = 2 - 2 / n
    return {"gradients": share * trained * 4e-6, "waits": waits * len(channels),
            "statistics": share * sum(channels) * numbers * 4e-6}


def forward_alone(channels, trained, n):
    return ring(channels, trained, n, numbers=2, waits=1)


def one_wait_a_layer(channels, trained, n):
    return ring(channels, trained, n, waits=1)


def counts_layers(channels, trained, n):
    return ring([1 for _ in channels], trained, n)


def statistics_of_one_copy(channels, trained, n):
    return ring(channels, trained, n) | {"statistics": 16 * sum(channels) / 1e6}


def one_server(channels, trained, n):
    return {"gradients": n * 4 * trained / 1e6, "waits": 2 * len(channels),
            "statistics": n * 16 * sum(channels) / 1e6}


WRONG = {
    "steps_too_long": [(one_part_alone, "all parts count"),
                       (trainer_knows, "does not know"),
                       (never_short, "too short"), (upside_down, "inverse")],
    "same_memory": [(leaves_q, "memory shrinks"), (eight_parts, "section 2"),
                    (divides_the_new_share, "factors multiply"),
                    (a_power_for_a_root, "must be a root")],
    "error_of_equal_weights": [(signed, "sign is left in"),
                               (one_number, "channels are averaged"),
                               (by_the_numbers, "SyncBatchNorm's"),
                               (over_everything, "mixes the channels"),
                               (apart, "two means are apart")],
    "merge_files": [(averages_all, "variance of the means is missing"),
                    (averages_equally, "same weight"), (whole_square, "joint mean"),
                    (shares_swapped, "shares are swapped"),
                    (mean_is_overwritten, "needs the old means"),
                    (statistics_alone, "Only the statistics")],
    "cost_of_sync": [(forward_alone, "Only the forward pass"),
                     (one_wait_a_layer, "waits twice"), (one_server, "one server"),
                     (counts_layers, "layers are counted"),
                     (statistics_of_one_copy, "the ring, too")],
}
