"""The colours: one for each signal, to be read on its ground."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.cells import CELLS
from rnnviz.figures.colour_raster import rgba
from rnnviz.figures.theme import colorscale, colour, colours, diverging_scale

NAMES = sorted({signal.name for cell in CELLS.values() for signal in cell.signals})


def luminance(hexadecimal: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(hexadecimal[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["ink", "soft", "accent", "inputs", "probabilities"])
def test_text_is_read_on_its_ground(name: str, dark: bool) -> None:
    assert contrast(colour(name, dark), colour("paper", dark)) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_colour_of_a_signal_is_read_on_its_ground(name: str, dark: bool) -> None:
    assert contrast(colour(name, dark), colour("paper", dark)) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_no_two_signals_of_a_cell_share_a_colour(cell: object, dark: bool) -> None:
    used = [colour(signal.name, dark) for signal in cell.signals]
    assert len(set(used)) == len(used)


def test_light_and_dark_have_the_same_names() -> None:
    assert colours(False).keys() == colours(True).keys()


@pytest.mark.parametrize("dark", [False, True])
def test_a_diverging_scale_leaves_its_ground_from_the_middle_to_both_ends(dark: bool) -> None:
    shades = rgba(colorscale(diverging_scale(dark)), np.linspace(0, 1, 101))[:, :3]
    light = np.array([luminance("#{:02x}{:02x}{:02x}".format(*shade)) for shade in shades])
    away = light if dark else 1 - light
    assert (np.diff(away[:51]) < 0.004).all()
    assert (np.diff(away[50:]) > -0.004).all()
    middle = "#{:02x}{:02x}{:02x}".format(*shades[50])
    assert contrast(middle, colour("paper", dark)) < 1.3
    for end in (0, 100):
        assert contrast("#{:02x}{:02x}{:02x}".format(*shades[end]), colour("paper", dark)) > 7


@pytest.mark.parametrize("dark", [False, True])
def test_what_is_pressed_has_the_colour_of_no_signal(dark: bool) -> None:
    accent = np.array([int(colour("accent", dark)[i : i + 2], 16) for i in (1, 3, 5)])
    for name in ("forget", "update", "input", "output", "candidate", "cell"):
        other = np.array([int(colour(name, dark)[i : i + 2], 16) for i in (1, 3, 5)])
        assert np.abs(accent - other).max() > 40
