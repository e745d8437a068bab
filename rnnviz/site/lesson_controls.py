"""Controls of a lesson as HTML of the static edition; `lesson.js` listens to them."""

from __future__ import annotations

from rnnviz.formatting import format_number
from rnnviz.i18n import word
from rnnviz.lessons.interactive import Setting
from rnnviz.lessons.lesson import Control
from rnnviz.lessons.sheet import inline_html
from rnnviz.site.positions import Positions


def control_html(part: Control, positions: Positions, language: str) -> str:
    """Options, a slider, or a slider with a switch that holds the gate at its value."""
    values, at = positions.values[part.name], positions.defaults[part.name]
    if part.options:
        return _options(part, at)
    held = values[1:] if values[0] is None else values
    is_optional = len(held) < len(values)
    slider = _slider(part, held, max(0, at - is_optional), is_off=is_optional and at == 0)
    switch = _switch(part.name, language, is_on=at > 0) if is_optional else ""
    count = positions.counts[part.name]
    fewer = word("site.fewer", language, count=len(values), all=count)
    note = f'<p class="soft">{fewer}</p>' if len(values) < count else ""
    return f'<div class="control">{switch}{slider}{note}</div>'


def _options(part: Control, at: int) -> str:
    choices = "".join(
        f'<label><input type="radio" name="control-{part.name}" data-control="{part.name}"'
        f' value="{number}"{" checked" if number == at else ""}> {inline_html(label)}</label>'
        for number, (_, label) in enumerate(part.options)
    )
    legend = f"<legend>{inline_html(part.label)}</legend>"
    return f'<fieldset class="control choices">{legend}{choices}</fieldset>'


def _slider(part: Control, held: tuple[Setting, ...], at: int, *, is_off: bool) -> str:
    numbers = [format_number(float(value or 0)) for value in held]
    disabled = " disabled" if is_off else ""
    listed = f'aria-valuetext="{numbers[at]}" data-numbers="{" ".join(numbers)}"'
    return (
        f"<label>{inline_html(part.label)} <b>{'–' if is_off else numbers[at]}</b>"
        f'<input type="range" data-control="{part.name}" min="0" max="{len(held) - 1}" step="1"'
        f' value="{at}" {listed}{disabled}>'
        "</label>"
    )


def _switch(name: str, language: str, *, is_on: bool) -> str:
    checked = " checked" if is_on else ""
    said = word("learn.hold", language)
    return f'<label><input type="checkbox" data-hold="{name}"{checked}> {said}</label>'
