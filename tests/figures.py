"""What a matplotlib figure shows, read back from its objects."""
import numpy as np


def band(collection):
    """Lower and upper edge of a filled band, by x."""
    points = collection.get_paths()[0].vertices
    return {x: (points[points[:, 0] == x, 1].min(), points[points[:, 0] == x, 1].max())
            for x in np.unique(points[:, 0])}
