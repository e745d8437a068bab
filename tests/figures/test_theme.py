"""The colours: one for each signal, to be read on its ground."""

from __future__ import annotations

import pytest

from rnnviz.cells import CELLS
from rnnviz.figures.theme import colour, colours

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
