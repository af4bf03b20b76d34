"""load_data_fashion_mnist: of made-up files, and of the published ones."""
import d2l_bn
from d2l_bn import data

import numpy as np
import pytest
from fashion_files import CONTENT, IMAGES, LABELS, NAMES, fill

pytestmark = pytest.mark.usefixtures("alone")


# load_data_fashion_mnist -------------------------------------------------------------

def test_load_reads_root_and_pairs_images_with_labels(tmp_path):
    train, test = d2l_bn.load_data_fashion_mnist(4, root=fill(tmp_path / "data"))
    assert (len(train), len(test)) == (3, 2)
    X, y = (np.concatenate([part.asnumpy() for part in parts])
            for parts in zip(*test, strict=True))
    expected = np.frombuffer(CONTENT[IMAGES], np.uint8)[16:].reshape(5, 1, 28, 28)
    assert (X == expected / np.float32(255)).all()
    assert y.tolist() == list(CONTENT[LABELS][8:]) == [0, 3, 6, 9, 2]


@pytest.mark.parametrize(("arguments", "error", "name"), [
    ({"batch_size": 0}, ValueError, "batch_size"),
    ({"batch_size": -1}, ValueError, "batch_size"),
    ({"batch_size": True}, TypeError, "batch_size"),
    ({"batch_size": 2.0}, TypeError, "batch_size"),
    ({"batch_size": "256"}, TypeError, "batch_size"),
    ({"batch_size": None}, TypeError, "batch_size"),
    ({"batch_size": 4, "seed": -1}, ValueError, "seed"),
    ({"batch_size": 4, "seed": 2**32}, ValueError, "seed"),
    ({"batch_size": 4, "seed": 1.0}, TypeError, "seed"),
    ({"batch_size": 4, "seed": None}, TypeError, "seed"),
    ({"batch_size": 4, "seed": False}, TypeError, "seed"),
    ({"batch_size": 4, "root": 5}, TypeError, "root"),
    ({"batch_size": 4, "root": ""}, ValueError, "root"),
])
def test_load_refuses_bad_arguments_by_name(tmp_path, arguments, error, name):
    with pytest.raises(error, match=f"^{name} must"):
        d2l_bn.load_data_fashion_mnist(**{"root": fill(tmp_path / "data"), **arguments})


def test_load_takes_numpys_whole_numbers(tmp_path):
    folder = fill(tmp_path / "data")
    train, _ = d2l_bn.load_data_fashion_mnist(np.int64(5), folder, np.int32(1))
    assert [y.size for _, y in train] == [5, 5, 2]


# The published data ------------------------------------------------------------------

@pytest.fixture(scope="module")
def real():
    """The published data set, which must be here already: a test fetches nothing."""
    for folder in (data.data_folder(), data.DEBIAN_FOLDER):
        if all((folder / f"{name}.gz").exists() or (folder / name).exists()
               for name in data.FILES):
            return d2l_bn.load_data_fashion_mnist(256, root=folder, seed=0)
    pytest.fail("Fashion-MNIST is not on this machine. Type: python -c "
                "'from d2l_bn.data import find_fashion_mnist as f; f()'", pytrace=False)


def published(name):
    folder = data.find_fashion_mnist()
    return np.frombuffer(data.read_verified(folder, name), np.uint8)


def test_real_data_has_the_shapes_types_and_number_of_batches_of_the_book(real):
    train, test = real
    assert (len(train), len(test)) == (235, 40)
    for batches, n, last in ((train, 235, 96), (test, 40, 16)):
        least, most, sizes = [], [], []
        for X, y in batches:
            assert X.shape == (y.size, 1, 28, 28) and y.shape == (y.size,)
            assert (X.dtype, y.dtype) == (np.float32, np.int32)
            least.append(X.min().asscalar())
            most.append(X.max().asscalar())
            sizes.append(y.size)
        assert (min(least), max(most)) == (0, 1)
        assert sizes == [256] * (n - 1) + [last]


def test_real_epoch_gives_every_training_image_once_with_its_label(real):
    seen = [np.hstack([np.rint(X.asnumpy() * 255).astype("uint8").reshape(-1, 784),
                       y.asnumpy().astype("uint8")[:, None]]) for X, y in real[0]]
    seen = np.ascontiguousarray(np.concatenate(seen)).view("V785").ravel()
    labels = seen.view(np.uint8).reshape(-1, 785)[:, -1]
    assert np.bincount(labels).tolist() == [6000] * 10
    expected = np.hstack([published(NAMES[0])[16:].reshape(-1, 784),
                          published(NAMES[1])[8:, None]])
    expected = np.ascontiguousarray(expected).view("V785").ravel()
    assert not (seen == expected).all()
    assert sorted(map(hash, seen.tolist())) == sorted(map(hash, expected.tolist()))


def test_real_test_images_are_the_bytes_over_255_in_the_order_published(real):
    X, y = (np.concatenate([part.asnumpy() for part in parts])
            for parts in zip(*real[1], strict=True))
    images = published(IMAGES)[16:].reshape(-1, 1, 28, 28)
    assert (X == images.astype("float32") / 255).all()
    assert (y == published(LABELS)[8:]).all()
    assert np.bincount(y).tolist() == [1000] * 10


def test_real_data_is_kept_in_memory_once(real):
    first, second = (d2l_bn.load_data_fashion_mnist(size) for size in (64, 32))
    for one, other in zip(first, second, strict=True):
        assert id(one.images) == id(other.images)
        assert id(one.labels) == id(other.labels)
        assert one.images.dtype == np.uint8
    assert len(first[0].images) == 60000 and len(first[1].images) == 10000


def test_real_data_is_kept_in_memory_once_for_two_spellings_of_root(real, monkeypatch):
    folder = data.find_fashion_mnist()
    monkeypatch.chdir(folder)
    first, _ = d2l_bn.load_data_fashion_mnist(64, root=folder)
    second, _ = d2l_bn.load_data_fashion_mnist(64, root=".")
    assert id(first.images) == id(second.images)


def test_real_data_comes_in_an_order_that_seed_and_epoch_decide(real):
    def labels(batches):
        return np.concatenate([y.asnumpy() for _, y in batches])

    loaders = [d2l_bn.load_data_fashion_mnist(4096, seed=seed)[0] for seed in (1, 1, 2)]
    one, same, other = ([labels(loader) for _ in range(2)] for loader in loaders)
    assert (one[0] == same[0]).all() and (one[1] == same[1]).all()
    assert (one[0] != one[1]).mean() > .8  # nine in ten by chance
    assert (one[0] != other[0]).mean() > .8
