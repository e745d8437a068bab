"""The player's JavaScript, HTML and CSS, as text."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_SCRIPTS = {
    "player": ("clock.js", "packet.js", "thin.js", "stage.js", "player.js"),
    "numbers": ("clock.js", "packet.js", "numbers.js"),
    "diagram": ("clock.js", "packet.js", "activations.js", "diagram.js"),
    "run": ("clock.js", "packet.js", "thin.js", "stage.js", "run.js"),
    "places": ("clock.js", "packet.js", "places.js"),
    "follow": ("clock.js", "packet.js", "follow.js"),
    "keys": ("packet.js", "keys.js"),
    "pictures": ("packet.js", "pictures.js"),
    "map": ("clock.js", "packet.js", "ribbon.js", "thin.js", "zoom.js", "map.js"),
}


def script(component: str) -> str:
    """The one module of a component: Streamlit takes no imports between inline modules."""
    return "\n".join(map(text, _SCRIPTS[component]))


@cache
def text(name: str) -> str:
    """A file that lies beside this one."""
    return files(__package__).joinpath(name).read_text("utf-8")
