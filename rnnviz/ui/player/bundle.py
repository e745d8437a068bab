"""Components of this folder in one classic script, for pages that no Streamlit serves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rnnviz.javascript.generate import cells_script
from rnnviz.ui.player.component import file_text, script_files, style
from rnnviz.ui.player.packet import script_json

_EXPORT = "export default function mount("


def bundle(
    components: Iterable[str], files: Iterable[str] = (), exports: Iterable[str] = ("parts",)
) -> str:
    """A script that sets `rnnviz` to these exports of files of this folder.

    In those files `parts` has by component its `html`, its `css` and its function `mount`. A file
    that only one component needs stays in that component's own scope, since names may be alike.
    """
    names, own = tuple(components), tuple(files)
    needed = Counter(file for name in names for file in script_files(name))
    shared = [file for file, count in needed.items() if count > 1 or file in own]
    parts = ",\n".join(f"{name}: {_part(name, shared)}" for name in names)
    after = [file for file in own if file not in shared]
    cells = [cells_script()] if "engine.js" in needed else []
    return "\n".join(
        [
            'const rnnviz = (() => {\n"use strict";',
            *cells,
            *map(file_text, shared),
            f"const parts = {{\n{parts}\n}};",
            *map(file_text, after),
            f"return {{ {', '.join(exports)} }};",
            "})();",
        ]
    )


def _part(component: str, shared: Iterable[str]) -> str:
    own = "\n".join(file_text(file) for file in script_files(component) if file not in shared)
    html, css = script_json(file_text(f"{component}.html")), script_json(style(component))
    body = own.replace(_EXPORT, "function mount(")
    return f"{{ html: {html}, css: {css}, mount: (() => {{\n{body}\nreturn mount;\n}})() }}"
