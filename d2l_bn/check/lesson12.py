"""Checks for the exercises of lesson 12: use many devices."""
import numpy as np
from mxnet import nd

from .judge import call, judge, something
from .merged_files import SENTENCES, joined_files


def steps_too_long(answer):
    """steps_too_long(parts, images, divisor) -> factor by which a step is too long."""
    mistakes = [
        (lambda parts, images, divisor: images / divisor,
         "The sum of the gradients has parts * images terms: all parts count."),
        (lambda parts, images, divisor: divisor / (parts * images),
         "That is the inverse: the larger the divisor, the shorter the step."),
        (lambda parts, images, divisor: parts,
         "The divisor that was given is not looked at."),
        (lambda parts, images, divisor: max(1, parts * images / divisor),
         "A step can also be too short: there the factor is below 1."),
        (lambda parts, images, divisor: 1.,
         "The trainer does not know the number of images; it divides by what it gets."),
        (lambda parts, images, divisor: parts * parts * images / divisor,
         "The parts count twice: the sum has parts * images terms."),
        (lambda parts, images, divisor: parts * images // divisor,
         "Whole-number division cuts the factor off; use /."),
    ]
    cases = [{"parts": parts, "images": images, "divisor": divisor}
             for parts, images, divisor in
             ((4, 32, 32), (8, 32, 256), (2, 64, 256), (1, 64, 64), (6, 16, 64))]
    return judge("steps_too_long", answer,
                 lambda parts, images, divisor: parts * images / divisor, mistakes,
                 cases, tolerance=1e-6,
                 verified="five steps: too long, right, and too short.")


def same_memory(answer):
    """same_memory(q, batch_size, part) -> the momentum for accumulation over parts."""
    def right(q, batch_size, part):
        return np.exp(np.log(q) * part / batch_size)

    mistakes = [
        (lambda q, batch_size, part: q,
         "The memory shrinks: each part updates, so q acts several times a step."),
        (lambda q, batch_size, part: q ** (batch_size / part),
         "That is what is left of the old value after all parts with q; the new "
         "momentum must be a root of q, not a power."),
        (lambda q, batch_size, part: 1 - (1 - q) * part / batch_size,
         "That divides 1 - q by the number of parts: near, but factors multiply, so "
         "that it is a root of q."),
        (lambda q, batch_size, part: q * part / batch_size,
         "q is divided by the number of parts; but factors multiply."),
        (lambda q, batch_size, part: q ** (1 / 8),
         "There are 8 parts in section 2; here there are batch_size / part."),
        (lambda q, batch_size, part: q ** (part // batch_size),
         "Whole-number division gives 0 here, and q to the power 0 is 1; use /."),
        (lambda q, batch_size, part: q ** (1 / part),
         "The root is by the images of a part; it is by the number of parts."),
        (lambda q, batch_size, part: 1 - right(1 - q, batch_size, part),
         "The momentum is the wrong way round: q is the share of the old value."),
        (lambda q, batch_size, part: 1 - right(q, batch_size, part),
         "That is the share of the new value; the momentum is that of the old."),
    ]
    cases = [{"q": q, "batch_size": batch_size, "part": part} for q, batch_size, part in
             ((0.9, 256, 32), (0.5, 96, 32), (0.99, 128, 8), (0.9, 256, 256))]
    return judge("same_memory", answer, right, mistakes, cases, tolerance=1e-6,
                 verified="four settings; one of them is a single part.")


def error_of_equal_weights(answer):
    """error_of_equal_weights(Z, first) -> error of each channel's mean, shape (C,)."""
    def equal(Z, first, axis=0):
        return (Z[:first].mean(axis) + Z[first:].mean(axis)) / 2

    def by_numbers(Z, first):
        """The mean of the means, weighted with the numbers: the right mean."""
        n = len(Z) - first
        return (first * Z[:first].mean(0) + n * Z[first:].mean(0)) / len(Z)

    def swapped(Z, first):
        n = len(Z) - first
        return (n * Z[:first].mean(0) + first * Z[first:].mean(0)) / len(Z)

    mistakes = [
        (lambda Z, first: equal(Z, first) - Z.mean(0),
         "The sign is left in: the absolute error is asked for."),
        (lambda Z, first: Z.mean(0) - equal(Z, first),
         "The sign is left in: the absolute error is asked for."),
        (equal, "That is the mean with equal weights itself; subtract the joint mean."),
        (lambda Z, first: abs(equal(Z, first) - Z.mean(0)).mean(),
         "The channels are averaged, too; each has an error of its own, shape (C,)."),
        (lambda Z, first: abs(swapped(Z, first) - Z.mean(0)),
         "The weights are not equal there: they are the numbers, swapped."),
        (lambda Z, first: np.zeros(Z.shape[1]),
         "With weights by the numbers there is no error; SyncBatchNorm's are equal."),
        (lambda Z, first: abs(Z[:first].mean(0) - Z[first:].mean(0)),
         "That is how far the two means are apart, not how far their mean is off."),
        (lambda Z, first: abs(equal(Z, first) - Z.mean()),
         "Z.mean() mixes the channels; each has a mean of its own: axis=0."),
        (lambda Z, first: abs(equal(Z, first) / Z.mean(0) - 1),
         "That is a share of the mean; the absolute error is asked for."),
        (lambda Z, first: abs(2 * equal(Z, first) - Z.mean(0)),
         "The two means are added; their mean is half of that."),
        (lambda Z, first: abs(equal(Z, first) - by_numbers(Z, first)) ** 2,
         "The error is squared; the absolute error is asked for."),
    ]
    random = np.random.RandomState(0)
    cases = [{"Z": random.normal(size=(rows, C)) + np.arange(rows)[:, None] * slope,
              "first": first} for rows, C, first, slope in
             ((10, 3, 8, np.array([1, -1, 0.5])), (6, 6, 2, 1.), (8, 2, 4, 1.))]
    return judge("error_of_equal_weights", answer,
                 lambda Z, first: abs(equal(Z, first) - by_numbers(Z, first)), mistakes,
                 cases, tolerance=1e-6,
                 verified="three divisions of random rows; in one the parts are equal.")


def merge_files(answer):
    """merge_files(first, second, m_1, m_2) -> the file of all images together."""
    def result(candidate, first, second, m_1, m_2):
        return something(call(candidate, first=first, second=second, m_1=m_1, m_2=m_2))

    random = np.random.RandomState(1)
    cases = []
    for m_1, m_2 in ((192, 64), (10, 30)):
        equal = {name: random.normal(size=3) for name in ("0.weight", "1.gamma")}
        first, second = ({name: nd.array(values) for name, values in {
            **equal, "1.running_mean": random.normal(0, 2, 3),
            "1.running_var": random.uniform(0.5, 2, 3),
            "4.running_mean": random.normal(5, 1, 2),
            "4.running_var": random.uniform(1, 9, 2)}.items()} for _ in range(2))
        cases.append({"given": f"two files of 6 arrays, from {m_1} and {m_2} images",
                      "first": first, "second": second, "m_1": m_1, "m_2": m_2})
    return judge("merge_files", answer, joined_files("right"),
                 [(joined_files(mode), text) for mode, text in SENTENCES.items()],
                 cases, observe=result, tolerance=1e-5,
                 verified="all arrays of two pairs of files with unequal numbers.")


def cost_of_sync(answer):
    """cost_of_sync(channels, trained, n) -> MB of gradients and statistics, waits."""
    def ring(n):
        return 2 * (n - 1) / n

    def cost(share=ring, numbers=4, waits=2, width=4, unit=1e6, add=sum, own=None):
        def of(channels, trained, n):
            return {"gradients": share(n) * width * trained / unit,
                    "statistics": (own or share)(n) * width * numbers * add(channels)
                    / unit,
                    "waits": waits(n) * len(channels) if callable(waits)
                    else waits * len(channels)}
        return of

    mistakes = [
        (cost(waits=1), "Each BN layer waits twice: once forward, once backward."),
        (cost(numbers=2), "The statistics count forward alone; the backward pass also "
                          "needs two numbers a channel."),
        (cost(numbers=2, waits=1),
         "Only the forward pass is counted; the backward pass exchanges as much."),
        (cost(share=lambda n: n), "That is what one server receives; in a ring each "
                                  "device sends 2 (n - 1) / n times the bytes."),
        (cost(share=lambda n: 2 * (n - 1)), "That is the traffic of all but one piece: "
                                            "a piece is 1 / n of the bytes."),
        (cost(share=lambda n: (n - 1) / n), "In a ring the pieces go round twice: once "
                                            "to add up, once to hand out the sums."),
        (cost(share=lambda n: 1), "The bytes of one copy are counted, not what a "
                                  "device sends in a ring of n."),
        (cost(width=1), "These are numbers; a float32 has 4 bytes."),
        (cost(numbers=1), "The statistics are four numbers of 4 bytes a channel: 16 "
                          "bytes."),
        (cost(own=lambda n: 1), "The statistics go round the ring, too: the share of "
                                "the gradients is also theirs."),
        (cost(add=len), "The layers are counted for the statistics; each channel has "
                        "its own: sum(channels)."),
        (cost(unit=2 ** 20), "1024 * 1024 bytes are a MiB; an MB is a million."),
        (cost(unit=1), "These are bytes; MB are asked for."),
        (cost(waits=lambda n: 4 * (n - 1)),
         "Those are the messages of a ring; count the waits, two a BN layer."),
    ]
    cases = [{"channels": channels, "trained": trained, "n": n}
             for channels, trained, n in (([64, 128, 256, 512], 11_000_000, 8),
                                          ([6, 16, 120, 84], 44_878, 2),
                                          ([2048] * 3, 25_575_912, 64))]
    return judge("cost_of_sync", answer, cost(), mistakes, cases, tolerance=1e-6,
                 verified="bytes and waits of three nets on 2, 8 and 64 devices.")
