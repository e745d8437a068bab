"""Figures that results draw of themselves."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import plotly.graph_objects as go

from rnnviz.core.checks import check_choice
from rnnviz.figures.theme import Look


def drawn(view: Any, drawing: str, language: str, dark: bool, **options: Any) -> go.Figure:
    """A result's figure, by the file in this folder that draws it (`rnnviz.core.figured`).

    Raises InputError for another language.
    """
    check_choice("language", language, ("en", "zh"))
    draw = import_module(f"rnnviz.figures.{drawing}").figure
    return go.Figure(draw(view, Look(language, dark), **options))
