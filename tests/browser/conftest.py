"""What the tests in a browser share: Chromium, a page that stays on this machine.

They run by `make browser`, with build/site-env's Python: the system's Chromium is used,
and no browser is downloaded.
"""
import functools
import http.server
import shutil
import threading
from os import environ
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
HERE = ("127.0.0.1", "localhost")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that does not log each request."""

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def chromium():
    """Where the system's Chromium is: $CHROMIUM, or the first on the PATH."""
    found = environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.fail("no Chromium on this machine: apt-get install chromium, or set "
                    "CHROMIUM=/path/to/it", pytrace=False)
    return found


@pytest.fixture(scope="session")
def browser(chromium):
    with sync_playwright() as playwright:
        # Chromium's sandbox does not start for root, as containers run it.
        browser = playwright.chromium.launch(executable_path=chromium, headless=True,
                                             args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def elsewhere():
    """The addresses outside this machine that `page` was asked to load from."""
    return []


@pytest.fixture
def page(browser, elsewhere):
    """A page in a fresh profile, which gets nothing from other machines."""
    context = browser.new_context(service_workers="block")
    context.set_default_timeout(600_000)  # ten minutes: a guard against a hang

    def answer(route):
        if urlsplit(route.request.url).hostname in HERE:
            return route.continue_()
        elsewhere.append(route.request.url)
        return route.abort()

    # data: and blob: addresses are not routed.
    context.route("**/*", answer)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def site():
    """The address of the built site, served by this process."""
    folder = ROOT / "build" / "site"
    if not (folder / "index.html").exists():
        pytest.fail("no site in build/site: make site", pytrace=False)
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
