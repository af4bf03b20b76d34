"""Fashion-MNIST's files: read when they are whole, refused when they are not."""
import gzip

from d2l_bn import data

import pytest
from fashion_files import CONTENT, LABELS, PACKED, fill, holds_all

pytestmark = pytest.mark.usefixtures("alone")


@pytest.mark.parametrize("packed", [False, True])
def test_read_gives_the_content_of_raw_and_packed_files(tmp_path, packed):
    assert holds_all(fill(tmp_path / "data", packed))


@pytest.mark.parametrize("level", [0, 1, 9])
def test_read_takes_a_file_packed_anew(tmp_path, level):
    packed = gzip.compress(CONTENT[LABELS], level, mtime=level)
    assert packed != PACKED[f"{LABELS}.gz"]
    (tmp_path / f"{LABELS}.gz").write_bytes(packed)
    assert data.read_verified(tmp_path, LABELS) == CONTENT[LABELS]


def test_read_of_a_missing_file_names_both_spellings_and_the_folder(tmp_path):
    with pytest.raises(OSError) as info:
        data.read_verified(tmp_path, LABELS)
    assert f"no {LABELS} or {LABELS}.gz in {tmp_path}" in str(info.value)


def test_read_refuses_a_raw_file_with_any_bit_flipped(tmp_path):
    for bit in range(8 * len(CONTENT[LABELS])):
        content = bytearray(CONTENT[LABELS])
        content[bit // 8] ^= 1 << bit % 8
        (tmp_path / LABELS).write_bytes(content)
        with pytest.raises(OSError, match="damaged"):
            data.read_verified(tmp_path, LABELS)


def test_read_gives_no_false_content_when_any_bit_of_a_packed_file_is_flipped(tmp_path):
    packed, refused = PACKED[f"{LABELS}.gz"], 0
    for bit in range(8 * len(packed)):
        content = bytearray(packed)
        content[bit // 8] ^= 1 << bit % 8
        (tmp_path / f"{LABELS}.gz").write_bytes(content)
        try:  # a flip in the time stamp leaves the content as it was
            assert data.read_verified(tmp_path, LABELS) == CONTENT[LABELS]
        except OSError:
            refused += 1
    assert refused > 4 * len(packed)


@pytest.mark.parametrize("name", [LABELS, f"{LABELS}.gz"])
def test_read_refuses_a_file_cut_at_any_length(tmp_path, name):
    whole = {**CONTENT, **PACKED}[name]
    for length in range(len(whole)):
        (tmp_path / name).write_bytes(whole[:length])
        with pytest.raises(OSError, match="damaged|cannot be read"):
            data.read_verified(tmp_path, LABELS)


def test_read_refuses_bytes_after_the_end(tmp_path):
    (tmp_path / LABELS).write_bytes(CONTENT[LABELS] + b"\0")
    (tmp_path / f"{LABELS}.gz").write_bytes(PACKED[f"{LABELS}.gz"] + b"more")
    with pytest.raises(OSError, match="damaged.*; .*cannot be read"):
        data.read_verified(tmp_path, LABELS)


@pytest.mark.parametrize("damaged", [LABELS, f"{LABELS}.gz"])
def test_read_passes_over_a_damaged_spelling(tmp_path, damaged):
    fill(tmp_path, True)
    fill(tmp_path, False)
    (tmp_path / damaged).write_bytes(b"damaged")
    assert data.read_verified(tmp_path, LABELS) == CONTENT[LABELS]


def test_read_reports_a_folder_in_the_place_of_a_file_and_passes_over_it(tmp_path):
    (tmp_path / LABELS).mkdir()
    with pytest.raises(OSError, match="cannot be read"):
        data.read_verified(tmp_path, LABELS)
    (tmp_path / f"{LABELS}.gz").write_bytes(PACKED[f"{LABELS}.gz"])
    assert data.read_verified(tmp_path, LABELS) == CONTENT[LABELS]
