"""Components of the app's pages as one classic script: a page from a file may load no module."""

from __future__ import annotations

from rnnviz.ui.player.component import file_text, script, style
from rnnviz.ui.player.packet import script_json


def components_script(*names: str) -> bytes:
    """Script that registers components: HTML, style sheet, and a function that mounts one."""
    made = "".join(f"rnnvizComponents.{name} = {_component(name)};\n" for name in names)
    return f"globalThis.rnnvizComponents = {{}};\n{made}".encode()


def _component(name: str) -> str:
    code = script(name).replace("export default function mount(", "function mount(")
    code = code.replace("export default function (", "function mount(")
    html, css = script_json(file_text(f"{name}.html")), script_json(style(name))
    mount = f'(() => {{\n"use strict";\n{code}\nreturn mount;\n}})()'
    return f"{{ html: {html}, css: {css}, mount: {mount} }}"
