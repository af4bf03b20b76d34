"""The figures: what they show is read back from matplotlib's objects."""
import base64
import io

from d2l_bn import History, draw_statistics, plot_histories, show

import matplotlib
import numpy as np
import pytest
from figures import band
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib import pyplot as plt
from PIL import Image

plt.switch_backend("Agg")  # opens no windows
ALT = "A rising line: the accuracy grows with the epochs."


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def shown():
    """A function that shows a figure and returns the outputs a notebook would store."""
    InteractiveShell.instance()

    def outputs(*arguments):
        with capture_output() as captured:
            show(*arguments)
        assert captured.stdout == ""
        return captured.outputs

    yield outputs
    InteractiveShell.clear_instance()


def figure():
    fig = plt.figure(figsize=(2, 1))
    fig.gca().plot([1, 2, 3])
    return fig


# show --------------------------------------------------------------------------------

def test_show_stores_a_picture_with_its_text(shown):
    (output,) = shown(figure(), ALT)
    assert output.metadata["image/png"]["alt"] == ALT
    picture = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
    assert picture.format == "PNG"
    assert output.metadata["image/png"]["width"] == picture.width // 2  # drawn at twice
    assert picture.getpixel((0, 0)) == (255, 255, 255, 255)


def test_show_closes_the_figure_so_that_it_is_shown_once(shown):
    fig = figure()
    other = figure()
    assert len(shown(fig, ALT)) == 1
    assert plt.get_fignums() == [other.number]


@pytest.mark.parametrize("alt", ["", "a line", None, 5, ["a long enough description"],
                                 " " * 40])
def test_show_needs_a_text_in_words(shown, alt):
    with pytest.raises(ValueError, match="^alt must describe"):
        shown(figure(), alt)


def test_show_cannot_be_called_without_a_text():
    with pytest.raises(TypeError, match="alt"):
        show(figure())


# plot_histories ----------------------------------------------------------------------

RUNS = {
    "with": [History(test_acc=values, loss=[9, 9, 9]) for values in
             ([.1, .5, .9], [.2, .4, .7], [.6, .3, .8])],
    "without": [History(test_acc=values, loss=[9, 9, 9]) for values in
                ([.0, .1, .2], [.4, .3, .6])],
}


def test_histories_are_drawn_as_median_and_range():
    ax = plot_histories(RUNS, "test_acc", "test accuracy")
    first, second = ax.get_lines()
    for line in (first, second):
        assert line.get_xdata().tolist() == [1, 2, 3]
    assert first.get_ydata().tolist() == [.2, .4, .8]
    assert second.get_ydata() == pytest.approx([.2, .2, .4])
    bands = [band(collection) for collection in ax.collections]
    assert bands == [{1: (.1, .6), 2: (.3, .5), 3: (.7, .9)},
                     {1: (.0, .4), 2: (.1, .3), 3: (.2, .6)}]


def test_histories_show_the_metric_asked_for_with_names_and_labels():
    ax = plot_histories(RUNS, "loss", "training loss")
    assert all(line.get_ydata().tolist() == [9, 9, 9] for line in ax.get_lines())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(RUNS)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "training loss")
    assert ax.get_xticks().tolist() == [1, 2, 3]


def test_histories_are_told_apart_by_more_than_colour():
    runs = {str(i): [History(loss=[i, i])] for i in range(5)}
    lines = plot_histories(runs, "loss", "loss").get_lines()
    for get in ("get_color", "get_marker", "get_linestyle"):
        look = {str(getattr(line, get)()) for line in lines}
        assert len(look) >= 4, get
    assert len({line.get_marker() for line in lines}) == 5
    for line, filled in zip(lines, lines[0].axes.collections, strict=True):
        colour = filled.get_facecolor()[0][:3]
        assert matplotlib.colors.same_color(line.get_color(), colour)


def test_histories_are_drawn_on_the_axes_given():
    _, (left, right) = plt.subplots(1, 2)
    assert plot_histories(RUNS, "loss", "loss", right) is right
    assert left.get_lines()[:] == [] and len(right.get_lines()) == 2


@pytest.mark.parametrize("histories, named", [
    ({}, "group"), ({"a": []}, "'a'"), ({"a": [History(loss=[1])], "b": []}, "'b'"),
    ({"a": [History()]}, "'a'"), ({"a": [History(test_acc=[1])]}, "'a'")])
def test_histories_without_an_epoch_are_refused_by_name(histories, named):
    with pytest.raises(ValueError, match=f"^histories must hold.*{named}"):
        plot_histories(histories, "loss", "loss")


def test_histories_of_unequal_length_are_drawn_as_far_as_they_go():
    runs = {"a": [History(loss=[3, 2, 1]), History(loss=[5])],
            "b": [History(loss=[4, 4])]}
    ax = plot_histories(runs, "loss", "loss")
    first, second = ax.get_lines()
    assert first.get_ydata().tolist() == [4, 2, 1]
    assert second.get_ydata().tolist() == [4, 4]
    assert band(ax.collections[0]) == {1: (3, 5), 2: (2, 2), 3: (1, 1)}
    assert ax.get_xticks().tolist() == [1, 2, 3]


# draw_statistics ---------------------------------------------------------------------

SHAPE = (2, 3, 2, 4)


def groups(ax):
    """(sample, channel, row, column) -> the number written there."""
    _, _, H, W = SHAPE
    found = {}
    for text in ax.texts:
        x, y = (int(place) for place in text.get_position())
        place = y // (H + 1), x // (W + 1), y % (H + 1), x % (W + 1)
        found[place] = int(text.get_text())
    return found


@pytest.mark.parametrize(("axes", "number"), [
    ((0, 2, 3), 3), ((0,), 24), ((1, 2, 3), 2), ((2, 3), 6), ((0, 1, 2, 3), 1),
    ((), 48)])
def test_statistics_are_drawn_with_the_groups_of_numpy(axes, number):
    drawn = groups(draw_statistics(SHAPE, axes))
    assert len(drawn) == np.prod(SHAPE)
    assert set(drawn.values()) == set(range(number))
    # The mean of the group numbers over the axes is each group's own number.
    array = np.zeros(SHAPE)
    for place, group in drawn.items():
        array[place] = group
    assert array.mean(axis=axes).size == number
    assert (array.max(axis=axes) == array.min(axis=axes)).all()


def test_statistics_have_one_colour_a_group_and_a_square_a_number():
    ax = draw_statistics(SHAPE, (0, 2, 3))
    assert len(ax.patches) == np.prod(SHAPE)
    colours = {}
    for square, text in zip(ax.patches, ax.texts, strict=True):
        colours.setdefault(text.get_text(), set()).add(square.get_facecolor())
        assert (square.get_x() + .5, square.get_y() + .5) == text.get_position()
    assert all(len(colour) == 1 for colour in colours.values())
    assert len(set.union(*colours.values())) == 3


def test_statistics_carry_labels_and_say_their_number():
    ax = draw_statistics(SHAPE, (0, 2, 3))
    assert "(0, 2, 3)" in ax.get_title() and "3 statistics" in ax.get_title()
    labels = [tick.get_text() for tick in ax.get_xticklabels() + ax.get_yticklabels()]
    assert labels == ["channel 0", "channel 1", "channel 2", "sample 0", "sample 1"]
    assert draw_statistics(SHAPE, (0,), title="mine").get_title() == "mine"


def test_statistics_are_drawn_on_the_axes_given():
    _, (left, right) = plt.subplots(1, 2)
    assert draw_statistics(SHAPE, (0,), right) is right
    assert len(left.patches) == 0


def test_statistics_count_negative_axes_from_the_end_as_numpy_does():
    assert (groups(draw_statistics(SHAPE, (0, -2, -1)))
            == groups(draw_statistics(SHAPE, (0, 2, 3))))


def test_statistics_refuse_an_axis_that_is_not_there():
    with pytest.raises(ValueError, match="axes|axis"):
        draw_statistics(SHAPE, (0, 4))


@pytest.mark.parametrize("axes", [(0, 2, 3), (0,), ()])
def test_statistics_never_share_a_look(axes):
    ax = draw_statistics(SHAPE, axes)
    looks = {}
    for square, text in zip(ax.patches, ax.texts, strict=True):
        look = square.get_facecolor(), square.get_hatch()
        assert looks.setdefault(text.get_text(), look) == look
    assert len(set(looks.values())) == len(looks)


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    red, green, blue = (level / 12.92 if level <= .04045
                        else ((level + .055) / 1.055) ** 2.4
                        for level in matplotlib.colors.to_rgb(colour))
    return .2126 * red + .7152 * green + .0722 * blue


def test_digits_stand_out_from_their_squares():
    ax = draw_statistics(SHAPE, (0,))
    for square, text in zip(ax.patches, ax.texts, strict=True):
        assert matplotlib.colors.same_color(text.get_bbox_patch().get_facecolor(),
                                            square.get_facecolor())
        dark, light = sorted(map(luminance, (square.get_facecolor(), text.get_color())))
        assert (light + .05) / (dark + .05) > 4.5  # WCAG 2's least for small text
