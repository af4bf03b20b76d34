"""Images in memory, given as batches in an order that a seed decides."""
import numpy as np
from mxnet import nd
from tqdm import tqdm


class Batches:
    """Batches `(X, y)` of images held in memory; one pass over it is one epoch.

    X: (n, 1, 28, 28), float32 in 0..1; y: (n,), int32; the last batch holds what is
    left. With a `seed`, (seed, k) decides the order of the k-th pass. A pass counts
    once it has come to its end, and those of a training count for themselves, so that
    a look at the data changes no order of the training.
    """

    def __init__(self, images, labels, batch_size, seed=None):
        self.images, self.labels = images, labels
        self.batch_size, self.seed = batch_size, seed
        self.passes, self.training_passes = 0, 0

    def __len__(self):
        return -(-len(self.images) // self.batch_size)

    def __iter__(self):
        yield from self._in_order(self.passes)
        self.passes += 1

    def training_pass(self):
        """The next pass of a training: its order is that of its own count."""
        yield from self._in_order(self.training_passes)
        self.training_passes += 1

    def _in_order(self, k):
        images, labels = self.images, self.labels
        if self.seed is not None:
            order = np.random.RandomState([self.seed, k]).permutation(len(images))
            order = nd.array(order, dtype="int32")
            images, labels = images.take(order), labels.take(order)
        for start in range(0, len(images), self.batch_size):
            stop = start + self.batch_size
            yield images[start:stop].astype("float32") / 255, labels[start:stop].copy()


def training_pass(data_iter, title):
    """The next pass of a training over data_iter, with a progress bar named `title`."""
    passes = data_iter.training_pass() if isinstance(data_iter, Batches) else data_iter
    total = len(data_iter) if hasattr(data_iter, "__len__") else None
    return tqdm(passes, title, total, leave=False)
