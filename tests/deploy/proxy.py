"""nginx with the configuration of deploy/, before processes of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.browser.chromium import ROOT, free_port

CONFIGURATION = ROOT / "deploy" / "nginx.conf"


@contextmanager
def proxied_by_nginx(folder: Path, *apps: str) -> Iterator[int]:
    """Serve two apps at one port, which it gives; names and places are those of this machine."""
    text = CONFIGURATION.read_text("utf-8")
    for number, url in enumerate(apps, 1):
        text = text.replace(f"app{number}:8501", f"127.0.0.1:{urlsplit(url).port}")
    text = text.replace("listen 8080", f"listen 127.0.0.1:{(port := free_port())}")
    config = folder / "nginx.conf"
    config.write_text(text.replace("/tmp/rnnviz-nginx", f"{folder}/nginx"), "utf-8")
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert program, "No nginx here: run tests/browser/install.sh."
    process = subprocess.Popen([program, "-c", config, "-g", "daemon off; master_process off;"])
    try:
        _wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("nginx does not answer.")
