"""The static edition: its bytes, its first figure on a phone, and five hundred readers.

Files are served with gzip, as static hosts do. The first figure is seen in Chromium with the
browser's own throttling: 10 Mbit/s, 40 ms, a processor four times slower, 390 pixels.
"""

from __future__ import annotations

import gzip
import re
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import machine
from rnnviz.i18n import LANGUAGES
from rnnviz.site.edition import static_edition
from rnnviz.site.files import Files
from tests.browser.chromium import launch

READERS = 500
PAGES = ("en/index.html", "en/read.html", "zh/lesson-gru.html", "en/lesson-reads.html")
PHONE = {"width": 390, "height": 844}
TEN_MBIT = 10e6 / 8
KINDS = {
    "Plotly": r"shared/plotly",
    "networks of the Read page": r"shared/models/",
    "figures of the lessons": r"shared/lesson-",
    "pages": r".*\.html$",
    "all else": r"",
}
FIRST_FIGURE = """() => new Promise((done) => {
  const look = () => {
    const pictures = document.querySelectorAll("main :is(svg, canvas, img)");
    const isSeen = (one) => one.getBoundingClientRect().height > 60 && (one.complete ?? true);
    if ([...pictures].some(isSeen))
      return requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
    setTimeout(look, 10);
  };
  look();
})"""


def main() -> None:
    """Print the tables."""
    print(machine())
    packed = {path: gzip.compress(data, 9) for path, data in static_edition(LANGUAGES).items()}
    print_sizes(packed)
    with serving(packed) as (url, counts), sync_playwright() as playwright:
        browser = launch(playwright)
        print_first_figures(browser, url)
        browser.close()
        counts.clear()
        print_readers(packed, url, counts)


def print_sizes(packed: Files) -> None:
    """Bytes after gzip by kind of file."""
    sizes = dict.fromkeys(KINDS, 0)
    for path, data in packed.items():
        sizes[next(kind for kind, form in KINDS.items() if re.match(form, path))] += len(data)
    print("| files | kB after gzip |\n|---|---|")
    for kind, size in {**sizes, "all": sum(sizes.values())}.items():
        print(f"| {kind} | {size / 1e3:,.0f} |")


def print_first_figures(browser: Browser, url: str) -> None:
    """Seconds until a phone that was never there shows the first figure of a page."""
    print("\n| page | first figure, s | requests until then |\n|---|---|---|")
    for path in PAGES:
        context = browser.new_context(viewport=PHONE, service_workers="block")
        page = context.new_page()
        throttle = context.new_cdp_session(page)
        throttle.send("Network.enable")
        speed = {"downloadThroughput": TEN_MBIT, "uploadThroughput": TEN_MBIT, "latency": 40}
        throttle.send("Network.emulateNetworkConditions", {"offline": False, **speed})
        throttle.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(f"{url}/{path}", wait_until="commit")
        seconds = page.evaluate(FIRST_FIGURE) / 1000
        print(f"| {path} | {seconds:.2f} | {len(asked)} |")
        context.close()


def print_readers(packed: Files, url: str, counts: dict[str, int]) -> None:
    """What the server gives when every reader opens a lesson and keeps the whole edition."""
    paths = sorted(packed)

    def read(reader: int) -> None:
        for path in paths:
            urllib.request.urlopen(f"{url}/{path}").read()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read, range(READERS)))
    given = f"{counts['requests']:,} requests, {counts['bytes'] / 1e6:,.0f} MB"
    print(f"\n{READERS} readers, each of the whole edition: {given}")


@contextmanager
def serving(packed: Files) -> Iterator[tuple[str, dict[str, int]]]:
    """A server of files that are packed already, and the count of what it gave."""
    counts: dict[str, int] = {}
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.split("?")[0].lstrip("/")
            data = packed.get(path, b"")
            with lock:
                counts["requests"] = counts.get("requests", 0) + 1
                counts["bytes"] = counts.get("bytes", 0) + len(data)
            self.send_response(200 if data else 404)
            kinds = {"html": "text/html", "js": "text/javascript", "css": "text/css"}
            kinds |= {"svg": "image/svg+xml"}
            self.send_header("Content-Type", kinds.get(path.rpartition(".")[2], "text/plain"))
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *given: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *given: Any) -> None:
            """Say nothing: a browser that leaves a page hangs up."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", counts
    finally:
        server.shutdown()
        server.server_close()
