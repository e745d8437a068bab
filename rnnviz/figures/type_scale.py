"""Text of a figure in another size, with the room around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from rnnviz.figures.plotly_json import PlotlyJson

_FONTS = ("font", "tickfont", "textfont")
_SHIFTS = ("xshift", "yshift", "standoff")

Draw = TypeVar("Draw", bound=Callable[..., PlotlyJson])


def with_type_scale(draw: Draw) -> Draw:
    """Decorator of `figure(view, look, …)`: text, room and height follow the scale of the look."""

    @wraps(draw)
    def scaled(view: Any, look: Any, *args: Any, **options: Any) -> PlotlyJson:
        drawn = at_scale(draw(view, look, *args, **options), look.scale, is_taller=True)
        chosen = {"height": look.height} if look.height else {}
        return drawn | {"layout": drawn["layout"] | chosen}

    return cast(Draw, scaled)


def at_scale(figure: PlotlyJson, scale: float, *, is_taller: bool = False) -> PlotlyJson:
    """Figure with its text, margins and shifts times `scale`.

    is_taller  whether its height grows as well; by default its panels stay as high as they are
               drawn, for which its height has to hold the margins already.

    >>> drawn = {"data": [], "layout": {"font": {"size": 10}, "height": 100}}
    >>> at_scale(drawn, 1.6)["layout"]
    {'font': {'size': 16.0}, 'height': 100}
    """
    if scale == 1:
        return figure
    scaled = {"data": _scaled(figure["data"], scale), "layout": _scaled(figure["layout"], scale)}
    height = figure["layout"].get("height")
    if is_taller and height:
        scaled["layout"]["height"] = round(height * scale)
    return scaled


def _scaled(part: Any, scale: float) -> Any:
    if isinstance(part, dict):
        return {key: _scaled_entry(key, value, scale) for key, value in part.items()}
    if isinstance(part, list):
        return [_scaled(value, scale) for value in part]
    if isinstance(part, str) and "font-size:" in part:
        return re.sub(r"font-size:(\d+)px", lambda m: f"font-size:{int(m[1]) * scale:g}px", part)
    return part


def _scaled_entry(key: str, value: Any, scale: float) -> Any:
    if key in _FONTS and isinstance(value, dict) and "size" in value:
        return value | {"size": value["size"] * scale}
    if key == "margin":
        return {side: round(room * scale) for side, room in value.items()}
    if key in _SHIFTS:
        return value * scale
    return _scaled(value, scale)
