"""Components of this folder in one classic script, for pages that no Streamlit serves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from rnnviz.ui.player.component import file_text, script_files, script_text, style
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
    shared = _shared_files(names, own)
    parts = ",\n".join(f"{name}: {_part(name, shared)}" for name in names)
    after = [file for file in own if file not in shared]
    return "\n".join(
        [
            'const rnnviz = (() => {\n"use strict";',
            *map(script_text, shared),
            f"const parts = {{\n{parts}\n}};",
            *map(script_text, after),
            f"return {{ {', '.join(exports)} }};",
            "})();",
        ]
    )


def _shared_files(components: Sequence[str], own: Sequence[str]) -> list[str]:
    """Files of several components, or of the page, with the files that stand before them.

    A file builds on those before it in its component's list.
    """
    lists = list(map(script_files, components))
    count = Counter(chain.from_iterable(lists))
    shared: list[str] = []
    for files in lists:
        places = [place for place, file in enumerate(files) if count[file] > 1 or file in own]
        shared += files[: max(places, default=-1) + 1]
    return list(dict.fromkeys(shared))


def _part(component: str, shared: Iterable[str]) -> str:
    own = "\n".join(script_text(file) for file in script_files(component) if file not in shared)
    html, css = script_json(file_text(f"{component}.html")), script_json(style(component))
    body = own.replace(_EXPORT, "function mount(")
    return f"{{ html: {html}, css: {css}, mount: (() => {{\n{body}\nreturn mount;\n}})() }}"
