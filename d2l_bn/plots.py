"""The figures that lessons share, and how a lesson shows a figure."""
import io
import itertools

import numpy as np
from IPython.display import Image, display
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

# Okabe and Ito's palette without its yellow: told apart by colour-blind readers too.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS, LINES = "osD^v", ("-", "--", "-.", ":", (0, (5, 1)))
# One look a method, the same in all figures of the course: colour, marker, line.
METHODS = {
    "no BN": (COLORS[6], "o", ":"),
    "scratch BN": (COLORS[0], "s", "--"),
    "built-in BN": (COLORS[1], "D", "-"),
    "standardised inputs": (COLORS[4], "P", "-."),
    "stored": (COLORS[1], "D", "-"),  # how built-in BN predicts
    "re-estimated": (COLORS[2], "^", "--"),
    "test batch": (COLORS[3], "v", "-."),
    "GroupNorm": (COLORS[0], "h", "--"),
    "LayerNorm": (COLORS[2], "<", "-."),
    "InstanceNorm": (COLORS[3], ">", (0, (5, 1))),
    "frozen BN": (COLORS[5], "p", (0, (3, 1, 1, 1))),
    "weight-standardised GroupNorm": (COLORS[0], "H", (0, (5, 1, 1, 1, 1, 1))),
    "batch renormalisation": (COLORS[4], "*", (0, (8, 2))),
    "residual": (COLORS[2], "^", "-."),
}
HATCHES = ("", "///", "...", "xxx", "---", "|||", "+++")  # once the colours are used up


def show(fig, alt):
    """Display the matplotlib figure with the text `alt` for those who cannot see it."""
    if not isinstance(alt, str) or len(alt.strip()) < 20:
        raise ValueError(f"alt must describe the figure in words, got {alt!r}")
    png = io.BytesIO()
    fig.savefig(png, format="png", dpi=144, bbox_inches="tight", facecolor="white")
    plt.close(fig)  # or the notebook would show it a second time, without the text
    display(Image(png.getvalue(), retina=True, alt=alt))


def ink(background):
    """Black or white, whichever has the higher contrast (WCAG 2) on the background."""
    levels = np.array(to_rgb(background))
    light = np.where(levels <= .04045, levels / 12.92, ((levels + .055) / 1.055) ** 2.4)
    luminance = light @ (.2126, .7152, .0722)
    return "white" if 1.05 / (luminance + .05) > (luminance + .05) / .05 else "black"


def draw_statistics(shape, axes, ax=None, title=None):
    """Draw which numbers of an array (N, C, H, W) share one statistic over `axes`.

    One block a sample and channel, one square a number; squares that share a statistic
    have one number and one look: a colour, and from the eighth statistic on a hatch
    too. Up to 49 statistics look different. Returns the matplotlib axes.
    """
    N, C, H, W = shape
    kept = np.zeros(shape).sum(axis=tuple(axes), keepdims=True).shape
    groups = np.broadcast_to(np.arange(np.prod(kept)).reshape(kept), shape)
    ax = ax or plt.figure(figsize=(1.6 * C, 1.3 * N)).gca()
    for (n, c, h, w), group in np.ndenumerate(groups):
        corner = (c * (W + 1) + w, n * (H + 1) + h)
        color = COLORS[group % len(COLORS)]
        hatch = HATCHES[group // len(COLORS) % len(HATCHES)]
        ax.add_patch(plt.Rectangle(corner, 1, 1, facecolor=color, edgecolor="white",
                                   hatch=hatch))
        # On a patch of the plain colour: a hatch behind a digit makes it hard to read.
        ax.text(corner[0] + .5, corner[1] + .5, group, color=ink(color),
                ha="center", va="center", fontsize=9,
                bbox={"facecolor": color, "edgecolor": "none", "pad": 2})
    ax.set(xlim=(-.2, C * (W + 1) - .8), ylim=(N * (H + 1) - .8, -.2), aspect="equal",
           title=title or f"mean over {tuple(axes)}: {groups.max() + 1} statistics",
           xticks=[c * (W + 1) + W / 2 for c in range(C)],
           xticklabels=[f"channel {c}" for c in range(C)],
           yticks=[n * (H + 1) + H / 2 for n in range(N)],
           yticklabels=[f"sample {n}" for n in range(N)])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def style(name, number=0):
    """Keyword arguments for matplotlib's plot: the look of a method of the course.

    Any other name gets the look of its `number` among those to be told apart.
    """
    color, marker, line = METHODS.get(name, (COLORS[number % len(COLORS)],
                                             MARKERS[number % 5], LINES[number % 5]))
    return {"color": color, "marker": marker, "linestyle": line, "label": name}


def plot_band(ax, x, values, name, number=0):
    """Plot what several seeds gave: a line for the median, a band for the range.

    x: (points,). values: (seeds, points); NaN where a seed has no value.
    name, number: as for `style`.
    """
    if np.ndim(values) != 2 or np.shape(values)[1] != len(x):
        raise ValueError(f"values must be a row for each seed, (seeds, {len(x)}), got "
                         f"shape {np.shape(values)}")
    look = style(name, number)
    ax.fill_between(x, np.nanmin(values, axis=0), np.nanmax(values, axis=0),
                    color=look["color"], alpha=.2, linewidth=0)
    ax.plot(x, np.nanmedian(values, axis=0), **look)


def plot_histories(histories, metric, ylabel, ax=None):
    """Plot one metric against the epoch: line for the median seed, band for the range.

    histories: a dict, name -> list of History, one a seed. Where some are shorter, as
    after an interrupt, the later epochs show those that have them.
    metric: the name of a list in History, such as "test_acc". Returns the axes.
    """
    if not histories:
        raise ValueError("histories must hold at least one group, got none")
    for name, runs in histories.items():
        if not any(getattr(run, metric) for run in runs):
            raise ValueError("histories must hold in each group at least one History "
                             f"with an epoch, got none in {name!r}")
    ax, longest = ax or plt.figure(figsize=(5, 3.5)).gca(), 0
    for i, (name, runs) in enumerate(histories.items()):
        columns = itertools.zip_longest(*(getattr(run, metric) for run in runs),
                                        fillvalue=np.nan)
        values = np.array(list(columns))  # (epochs, seeds)
        longest = max(longest, len(values))
        plot_band(ax, np.arange(1, len(values) + 1), values.T, name, i)
    ax.set(xlabel="epoch", ylabel=ylabel, xticks=np.arange(1, longest + 1))
    ax.grid(alpha=.3)
    ax.legend()
    return ax
