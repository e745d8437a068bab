"""The browser and the server that tests, benchmarks and pictures are made with."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "google-chrome", "chrome", "chromium-browser")


def launch(playwright: Playwright) -> Browser:
    """The Chrome or Chromium of this machine."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise FileNotFoundError("No Chrome or Chromium on the path: run tests/browser/install.sh.")
    return playwright.chromium.launch(executable_path=found, args=list(FLAGS))


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser for as long as the context lasts."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@contextmanager
def serving(script: str | Path, log: Path | None = None, *options: str) -> Iterator[str]:
    """Serve a Streamlit script on a free port; gives its address once it is healthy."""
    with started(script, log, *options) as (url, _):
        yield url


@contextmanager
def started(
    script: str | Path, log: Path | None = None, *options: str, folder: Path = ROOT
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same with the server's process, which has the settings of a folder."""
    url = f"http://localhost:{(port := free_port())}"
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true"]
    with (log or Path("/dev/null")).open("wb") as out:
        process = subprocess.Popen(
            [*command, "--server.port", str(port), *options],
            cwd=folder,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_healthy(url, process)
            yield url, process
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(3_000):
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode}.")
        try:
            urllib.request.urlopen(f"{url}/_stcore/health")
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"{url} is not healthy after a minute.")
