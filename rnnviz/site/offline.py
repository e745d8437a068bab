"""Files for use without a network: the service worker that copies the edition, and a manifest."""

from __future__ import annotations

import json
from hashlib import blake2b

from rnnviz.site.files import Files
from rnnviz.site.page import site_text
from rnnviz.ui.player.packet import script_json

_MANIFEST = {
    "name": "rnnviz",
    "short_name": "rnnviz",
    "start_url": "index.html",
    "display": "standalone",
    "icons": [{"src": "shared/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
}


def offline_files(files: Files) -> Files:
    """Service worker that copies these files, and the manifest of an installed page."""
    every = {**files, "manifest.webmanifest": json.dumps(_MANIFEST).encode()}
    # The name tells an edition from another one at the same address.
    name = (
        f"const NAME = `rnnviz-${{registration.scope}}-{_digest(every)}`;\n"
        f"const FILES = {script_json(sorted(every))};\n"
    )
    return {**every, "sw.js": (name + site_text("sw.js")).encode()}


def _digest(files: Files) -> str:
    found = blake2b(digest_size=8)
    for path in sorted(files):
        found.update(path.encode() + b"\0" + blake2b(files[path]).digest())
    return found.hexdigest()
