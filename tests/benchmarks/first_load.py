"""What a first visit brings over the wire: as a browser sees it, or by following what the files name."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.servers import exchange, request
from tests.browser.server import CHROMIUM

#: Bytes, the heads of the answers included, and files, the page included.
Load = tuple[int, int]
#: Of a port, a path and a cookie.
Measure = Callable[[int, str, str], Load]

#: How pages, style sheets and modules name other files.
NAMED = re.compile(
    rb"""(?:<script[^>]+src|<link[^>]+(?:stylesheet|preload|icon)[^>]+href|<use[^>]+href)=["']([^"'#]+)"""
    rb"""|url\(["']?([^"')#]+)|(?:from|import)\s*\(?["']([^"']+\.js)["']"""
)


@contextmanager
def measuring(*, browser: bool = True) -> Iterator[Measure]:
    if not browser or CHROMIUM is None:
        yield computed
        return
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield lambda port, path, cookie: _seen(chromium, port, path, cookie)
        chromium.close()


def _seen(browser: Browser, port: int, path: str, cookie: str) -> Load:
    """As Chromium counts it, with nothing kept from before: what comes over the wire.

    Signs that it has itself, and the second time that a page names the same file, it tells with no bytes.
    """
    address = f"http://127.0.0.1:{port}"
    context = browser.new_context(service_workers="block")
    try:
        if cookie:
            name, _, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        loaded: list[float] = []
        network = context.new_cdp_session(page)
        network.send("Network.enable")

        def note(file: dict[str, Any]) -> None:
            if file["encodedDataLength"]:
                loaded.append(file["encodedDataLength"])

        network.on("Network.loadingFinished", note)
        page.goto(address + path, wait_until="networkidle")
        return int(sum(loaded)), len(loaded)
    finally:
        context.close()


def computed(port: int, path: str, cookie: str) -> Load:
    """The same without a browser: more than one would load, where a style sheet names what no page uses."""
    waiting, known, size = [path], {path}, 0
    while waiting:
        at = waiting.pop()
        size += len(exchange(port, request(port, at, cookie)))
        _head, _, body = exchange(port, request(port, at, cookie, accepted="")).partition(b"\r\n\r\n")
        for groups in NAMED.findall(body):
            named = urljoin(at, next(filter(None, groups)).decode())
            if urlsplit(named).netloc == "" and named.startswith("/static/") and named not in known:
                known.add(named)
                waiting.append(named)
    return size, len(known)
