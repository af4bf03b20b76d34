"""Fashion-MNIST from mirrors: each file once, whatever a mirror answers."""
import os
import signal
import threading
import time

from d2l_bn import data

import pytest
from fashion_files import (
    CONTENT,
    IMAGES,
    LABELS,
    NAMES,
    PACKED,
    fill,
    holds_all,
    in_a_process,
)

pytestmark = pytest.mark.usefixtures("alone")


def test_download_fetches_each_file_once_and_leaves_nothing_else(tmp_path, mirror):
    server, folder = mirror(), tmp_path / "not" / "yet"
    data._download(folder, [server.url])
    assert holds_all(folder)
    assert sorted(server.asked) == sorted(PACKED) == sorted(os.listdir(folder))


def test_download_takes_mirrors_with_and_without_the_last_slash(tmp_path, mirror):
    server = mirror()
    data._download(tmp_path / "with", [server.url])
    data._download(tmp_path / "without", [server.url.rstrip("/")])
    assert holds_all(tmp_path / "without")


@pytest.mark.parametrize("packed", [False, True])
def test_download_asks_for_nothing_that_is_there(tmp_path, mirror, packed):
    server, folder = mirror(), fill(tmp_path / "data", packed)
    data._download(folder, [server.url])
    assert server.asked == []


def test_download_asks_only_for_the_missing_and_the_damaged(tmp_path, mirror):
    server, folder = mirror(), fill(tmp_path / "data")
    (folder / f"{LABELS}.gz").unlink()
    (folder / f"{IMAGES}.gz").write_bytes(PACKED[f"{IMAGES}.gz"][:-9])
    data._download(folder, [server.url])
    assert sorted(server.asked) == sorted([f"{LABELS}.gz", f"{IMAGES}.gz"])
    assert holds_all(folder)


def test_download_fetches_beside_a_damaged_raw_file(tmp_path, mirror):
    server, folder = mirror(), fill(tmp_path / "data", packed=False)
    (folder / LABELS).write_bytes(b"damaged")
    data._download(folder, [server.url])
    assert server.asked == [f"{LABELS}.gz"]
    assert holds_all(folder)


def cut_short(handler):
    handler.head(len(PACKED[f"{IMAGES}.gz"]))
    handler.wfile.write(PACKED[f"{IMAGES}.gz"][:2000])


def cut_in_a_chunk(handler):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"ff\r\n12345")


def no_http(handler):
    handler.wfile.write(b"this is no HTTP\r\n\r\n")


def hang_up(handler):
    pass


def length_of(length):
    """An answer with the whole file that says another length."""
    def answer(handler):
        handler.head(length)
        handler.wfile.write(PACKED[f"{IMAGES}.gz"])
    return answer


def redirect_anew(handler):
    """To the same file in a deeper folder, for ever."""
    handler.send_response(302)
    handler.send_header("Location", "/deeper" + handler.path)
    handler.send_header("Content-Length", 0)
    handler.end_headers()


BAD_ANSWERS = {
    "404": None,
    "a page instead of the file": b"<html>please log in</html>",
    "an empty file": b"",
    "another file": PACKED[f"{LABELS}.gz"],
    "a raw file": CONTENT[IMAGES],
    "cut short": cut_short,
    "cut in a chunk": cut_in_a_chunk,
    "no HTTP": no_http,
    "hung up": hang_up,
    "a bit flipped": PACKED[f"{IMAGES}.gz"][:99] + bytes(
        [PACKED[f"{IMAGES}.gz"][99] ^ 1]) + PACKED[f"{IMAGES}.gz"][100:],
    "a length too short": length_of(99),
    "redirects without end": redirect_anew,
    "500": lambda handler: handler.send_error(500),
    "a redirect to itself": lambda handler: (
        handler.send_response(302), handler.send_header("Location", handler.path),
        handler.send_header("Content-Length", 0), handler.end_headers()),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_download_turns_to_the_next_mirror_for_one_bad_file(tmp_path, mirror, answer):
    first, second = mirror(t10k_images_idx3_ubyte=answer), mirror()
    data._download(tmp_path / "data", [first.url, second.url])
    assert holds_all(tmp_path / "data")
    assert second.asked == [f"{IMAGES}.gz"]
    assert sorted(set(first.asked)) == sorted(PACKED)
    assert sorted(os.listdir(tmp_path / "data")) == sorted(PACKED)


@pytest.mark.parametrize("length", ["many", "-5", 10**6, 10**12])
def test_download_lives_with_a_length_that_is_none_or_too_long(
        tmp_path, mirror, length):
    server = mirror(t10k_images_idx3_ubyte=length_of(length))
    data._download(tmp_path / "data", [server.url])
    assert holds_all(tmp_path / "data")


@pytest.mark.parametrize("address", ["no-address", "http://exa mple/", "http://[::1/"])
def test_download_passes_over_an_address_that_is_none(tmp_path, mirror, address):
    data._download(tmp_path / "data", [address, mirror().url])
    assert holds_all(tmp_path / "data")


def test_download_turns_to_the_next_mirror_when_nobody_answers(tmp_path, mirror):
    gone = mirror()
    gone.shutdown()
    gone.server_close()
    data._download(tmp_path / "data", [gone.url, mirror().url])
    assert holds_all(tmp_path / "data")


def test_download_asks_no_second_mirror_while_the_first_serves(tmp_path, mirror):
    first, second = mirror(), mirror()
    data._download(tmp_path / "data", [first.url, second.url])
    assert second.asked == []


def test_failed_download_names_each_address_and_keeps_no_file(tmp_path, mirror):
    bad = [mirror(train_images_idx3_ubyte=answer) for answer in (b"page", None)]
    with pytest.raises(OSError) as info:
        data._download(tmp_path / "data", [server.url for server in bad])
    for server, why in zip(bad, ("cannot be read", "404"), strict=True):
        address = f"{server.url}{NAMES[0]}.gz: "
        assert address in str(info.value)
        assert why in str(info.value).split(address)[1]
    assert os.listdir(tmp_path / "data") == []


def test_download_without_mirrors_says_so(tmp_path):
    with pytest.raises(OSError, match="no mirror given"):
        data._download(tmp_path / "data", ())


@pytest.mark.slow
def test_interrupted_download_leaves_no_half_file_and_no_scratch(tmp_path, mirror):
    folder, seen, released = tmp_path / "data", [], threading.Event()

    def half(handler):
        whole = PACKED[f"{IMAGES}.gz"]
        handler.head(len(whole))
        handler.wfile.write(whole[:len(whole) // 2])
        handler.wfile.flush()
        while not list(folder.rglob(f"{IMAGES}.gz")):  # until it is being written
            time.sleep(.01)
        seen.extend(os.listdir(folder))
        process.send_signal(signal.SIGINT)
        released.wait()

    # In a process of its own: an interrupt can strike while tqdm holds its lock, for
    # which every later download from another thread of that process would wait.
    process = in_a_process(folder, mirror(t10k_images_idx3_ubyte=half).url)
    error = process.communicate(timeout=3600)[1]
    released.set()
    assert process.returncode != 0 and "KeyboardInterrupt" in error
    done = sorted(f"{name}.gz" for name in NAMES[:2])
    assert sorted(os.listdir(folder)) == done
    assert f"{IMAGES}.gz" not in seen and len(seen) == 3  # two files, a scratch folder
    again = mirror()
    data._download(folder, [again.url])
    assert sorted(again.asked) == sorted([f"{IMAGES}.gz", f"{LABELS}.gz"])
    assert holds_all(folder)


def test_two_downloads_at_once_leave_one_good_copy(tmp_path, mirror):
    folder, both, failures = tmp_path / "data", threading.Barrier(2), []

    def together(handler):  # answers when both downloads have asked
        both.wait()
        handler.head(len(PACKED[f"{NAMES[0]}.gz"]))
        handler.wfile.write(PACKED[f"{NAMES[0]}.gz"])

    server = mirror(train_images_idx3_ubyte=together)

    def fetch():
        try:
            data._download(folder, [server.url])
        except BaseException as err:
            failures.append(err)

    # Daemons: should one hang, the test fails, and Python can still end.
    threads = [threading.Thread(target=fetch, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3600)
    assert failures == [] and not any(thread.is_alive() for thread in threads)
    assert server.asked.count(f"{NAMES[0]}.gz") == 2
    assert holds_all(folder)
    assert sorted(os.listdir(folder)) == sorted(PACKED)


@pytest.mark.slow
@pytest.mark.parametrize("disable", ["", "1"])
def test_download_shows_its_progress_unless_told_not_to(tmp_path, mirror, disable):
    process = in_a_process(tmp_path / "data", mirror().url, TQDM_DISABLE=disable)
    shown_out, shown_err = process.communicate(timeout=3600)
    assert process.returncode == 0, shown_err
    assert holds_all(tmp_path / "data")
    shown = [name for name in NAMES if f"{name}.gz:" in shown_err]
    assert shown == ([] if disable else NAMES)
    assert shown_out == ""
