"""One look a method in all figures, and bands over seeds."""
import itertools
import warnings

from d2l_bn import History, plot_band, plot_histories, style
from d2l_bn.plots import METHODS

import numpy as np
import pytest
from figures import band
from matplotlib import pyplot as plt
from matplotlib.colors import same_color

plt.switch_backend("Agg")  # opens no windows
TOGETHER = [  # in one lesson's figures: those of 05, 07, 10 and 13
    ("no BN", "scratch BN", "built-in BN", "standardised inputs"),
    ("no BN", "stored", "re-estimated", "test batch"),
    ("no BN", "built-in BN", "frozen BN", "GroupNorm", "LayerNorm", "InstanceNorm",
     "batch renormalisation"),
    ("built-in BN", "frozen BN", "weight-standardised GroupNorm"),
    ("no BN", "built-in BN", "residual")]
COURSE = {name for names in TOGETHER for name in names}


@pytest.fixture
def ax():
    yield plt.figure().gca()
    plt.close("all")


# style -------------------------------------------------------------------------------

def test_every_method_of_the_course_has_a_look():
    assert set(METHODS) == COURSE


@pytest.mark.parametrize("name", sorted(COURSE))
def test_a_method_looks_alike_whatever_its_number(name, ax):
    looks = [style(name, number) for number in range(5)]
    assert looks == [style(name)] * 5 and looks[0]["label"] == name
    [line] = ax.plot([1, 2], **looks[0])  # matplotlib takes it
    assert line.get_label() == name


@pytest.mark.parametrize("names", TOGETHER)
def test_methods_of_one_lesson_differ_in_colour_marker_and_line(names):
    for one, other in itertools.combinations(map(style, names), 2):
        assert all(one[what] != other[what] for what in ("color", "marker",
                                                         "linestyle")), (one, other)


def test_looks_differ_but_where_the_method_is_the_same():
    for one, other in itertools.combinations(METHODS, 2):
        same = METHODS[one] == METHODS[other]
        assert same == ({one, other} == {"built-in BN", "stored"}), (one, other)


def test_other_names_are_told_apart_by_their_number():
    looks = [style("mine", number) for number in range(35)]
    assert len({(look["color"], look["marker"]) for look in looks}) == 35
    assert {look["label"] for look in looks} == {"mine"}
    assert style("mine") == looks[0]


# plot_band ---------------------------------------------------------------------------

@pytest.mark.parametrize("values, median, low, high", [
    ([[1, 5], [4, 2], [3, 9]], [3, 5], [1, 2], [4, 9]),
    ([[1, 5], [4, 2]], [2.5, 3.5], [1, 2], [4, 5]),
    ([[1, 5]], [1, 5], [1, 5], [1, 5]),
    ([[1, np.nan], [4, 2], [3, 9]], [3, 5.5], [1, 2], [4, 9]),
    ([[np.nan, 2], [np.nan, 6], [3, 4]], [3, 4], [3, 2], [3, 6])])
def test_band_is_the_median_and_the_range_of_the_seeds(ax, values, median, low, high):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot_band(ax, [10, 20], np.array(values), "mine", 2)
    [line], [filled] = ax.get_lines(), ax.collections
    assert line.get_xdata().tolist() == [10, 20]
    assert line.get_ydata().tolist() == median
    assert band(filled) == {10: (low[0], high[0]), 20: (low[1], high[1])}


@pytest.mark.parametrize("name, number", [("built-in BN", 0), ("mine", 3)])
def test_band_has_the_look_of_its_method(ax, name, number):
    plot_band(ax, [1, 2], [[1, 2], [3, 4]], name, number)
    [line], [filled], look = ax.get_lines(), ax.collections, style(name, number)
    assert line.get_label() == name and line.get_marker() == look["marker"]
    assert same_color(line.get_color(), look["color"])
    assert same_color(filled.get_facecolor()[0][:3], look["color"])
    assert 0 < filled.get_alpha() < .5
    assert ax.get_legend_handles_labels()[1] == [name]  # the band has no entry


@pytest.mark.parametrize("values", [
    [1, 2, 3], [[1, 2], [3, 4], [5, 6]], 5, [[[1, 2, 3]]], [[]]])
def test_values_that_are_no_row_a_seed_are_refused(ax, values):
    with pytest.raises(ValueError, match=r"^values must be a row for each seed, "
                                         r"\(seeds, 3\), got shape"):
        plot_band(ax, [1, 2, 3], values, "mine")
    assert not ax.get_lines() and not ax.collections


# plot_histories ----------------------------------------------------------------------

def test_histories_have_the_looks_of_their_methods(ax):
    names = ["built-in BN", "mine", "no BN", "yours"]
    plot_histories({name: [History(loss=[1, 2])] for name in names}, "loss", "loss", ax)
    for i, (line, name) in enumerate(zip(ax.get_lines(), names, strict=True)):
        look = style(name, i)
        assert same_color(line.get_color(), look["color"])
        assert (line.get_marker(), line.get_label()) == (look["marker"], name)
    dashes = [line.get_linestyle() for line in ax.get_lines()]
    assert (dashes[0], dashes[2]) == ("-", ":")
