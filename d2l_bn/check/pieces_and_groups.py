"""Right and wrong ways to cut a batch into pieces, and to do with GroupNorm alone."""
import numpy as np

from .norms_by_axes import (
    batch_norm_in_training,
    group_norm,
    normalise,
    outside,
    piece_norm,
)

WIDE = 0.3  # eps of the group_norm that the check hands over, to see whether it is used


def in_pieces(axes, **how):
    def candidate(X, size, eps):
        pieces = X.reshape((-1, size, *X.shape[1:]))  # piece, image in it, C, H, W
        return normalise(pieces, axes, eps, **how).reshape(X.shape)
    return candidate


def pieces_of_neighbours(X, size, eps):
    numbers = np.arange(len(X)).reshape(-1, size).tolist()
    return piece_norm(X, numbers, eps)


def every_kth(X, size, eps):
    numbers = np.arange(len(X)).reshape(size, -1).T.tolist()
    return piece_norm(X, numbers, eps)


def size_for_number(X, size, eps):
    return pieces_of_neighbours(X, len(X) // size, eps)


def left_in_pieces(X, size, eps):
    return pieces_of_neighbours(X, size, eps).reshape((-1, size, *X.shape[1:]))


MISTAKES_IN_PIECES = [
    (every_kth, "A piece holds every k-th image, as in PieceNorm; here it holds "
                "neighbours."),
    (size_for_number, "size is taken for the number of pieces; it is the number of "
                      "images in a piece."),
    (lambda X, size, eps: batch_norm_in_training(X, eps),
     "The whole batch shares a statistic: it is not cut into pieces."),
    (in_pieces((1, 2, 3, 4)), "All channels of a piece share a statistic; each "
                              "channel has its own."),
    (in_pieces(1), "Each pixel has statistics of its own; the pixels of a piece's "
                   "channel share one."),
    (in_pieces((3, 4)), "Each image has statistics of its own; the images of a "
                        "piece share one."),
    (in_pieces((0, 3, 4)), "Images in the same place of different pieces share a "
                           "statistic; those within one piece must."),
    (in_pieces((1, 3, 4), less=1), "The variance divides by m - 1; batch "
                                   "normalization divides by m."),
    (in_pieces((1, 3, 4), divisor=outside), "eps is added to the standard deviation; "
                                         "it belongs inside the root."),
    (lambda X, size, eps: pieces_of_neighbours(X, size, 0), "eps is forgotten."),
    (lambda X, size, eps: X / (1 + eps) ** 0.5,
     "Stored statistics were used. nd.BatchNorm takes those of its batch only under "
     "autograd.train_mode()."),
    (left_in_pieces, "The result is still cut into pieces: give it X's shape."),
]


def wide_group_norm(X, num_groups):
    return group_norm(X, num_groups, WIDE)


AXES = {"LayerNorm": (1, 2, 3), "InstanceNorm": (2, 3), "BatchNorm": (0, 2, 3)}


def each_kind(kind, X, group_norm):
    return normalise(X, AXES[kind], WIDE)


def turned(X):
    return X.transpose((1, 0, 2, 3))


def with_batch_norm(batch_norm):
    def candidate(kind, X, group_norm):
        return (batch_norm(X, group_norm) if kind == "BatchNorm"
                else each_kind(kind, X, group_norm))
    return candidate


def swapped(kind, X, group_norm):
    other = {"LayerNorm": "InstanceNorm", "InstanceNorm": "LayerNorm"}
    return each_kind(other.get(kind, kind), X, group_norm)


def groups_by_images(kind, X, group_norm):
    if kind == "InstanceNorm":
        return group_norm(X, len(X))
    return each_kind(kind, X, group_norm)


def by_reshape(X, group_norm):
    return group_norm(X.reshape((X.shape[1], X.shape[0], 0, 0)), 1).reshape(X.shape)


MISTAKES_IN_GROUPS = [
    (swapped, "One group is LayerNorm, and as many groups as channels is "
              "InstanceNorm, not the other way round."),
    (groups_by_images, "InstanceNorm has as many groups as images; it needs as many as "
                       "channels."),
    (with_batch_norm(lambda X, norm: norm(X.T, 1).T),
     "X.T turns round all four axes; only axes 0 and 1 must change places."),
    (with_batch_norm(lambda X, norm: norm(X, 1)),
     "One group of X is LayerNorm: its mean stays within an image. For BatchNorm the "
     "images must stand where the channels stand."),
    (with_batch_norm(lambda X, norm: norm(X, X.shape[1])),
     "As many groups as channels is InstanceNorm: its mean stays within an image. "
     "BatchNorm must mix the images."),
    (with_batch_norm(lambda X, norm: norm(turned(X), 1)),
     "The axes of BatchNorm's result are still exchanged: transpose back."),
    (with_batch_norm(by_reshape),
     "reshape keeps the numbers in their order and so mixes images and channels; "
     "transpose exchanges the axes."),
    (with_batch_norm(lambda X, norm: turned(norm(turned(X), len(X)))),
     "After the exchange the images are the channels: as many groups as images "
     "leaves each image alone. One group joins them."),
    (lambda kind, X, norm: normalise(X, AXES[kind], 1e-5),
     "The numbers do not come from the group_norm that was handed in: its eps is "
     "another one. Call it, and compute no mean yourself."),
]
