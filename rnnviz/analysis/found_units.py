"""Units that were looked for, with what was found, what was not, and against which controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, TypeVar

import numpy as np

from rnnviz.analysis.same_units import SameUnits, same_units
from rnnviz.analysis.unit_pass import UnitPass
from rnnviz.analysis.unit_silencing import Silencing
from rnnviz.analysis.unit_stream import UnitStream
from rnnviz.core.arrays import Array
from rnnviz.core.checks import check_count, is_whole_number, shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.errors import InputError
from rnnviz.formatting import format_number, token_label
from rnnviz.i18n import has_word, sentences, word

Verdict = Literal["found", "weak", "control", "few"]
# A unit that is said to follow a feature tells a quarter of its variance, r² = 0.5², …
LEAST_R = 0.5
# … and is farther from the best control than controls of other seeds are from each other, or by
# half of what is left up to 1. Where both are 1, rounding decides nothing.
_LEAST_MARGIN, _ROUNDING = 0.1, 1e-6
# A feature that rises above its mean fewer times in a part moves too slowly to judge by.
LEAST_RISES = 10


@dataclass(frozen=True)
class ReadOff:
    """How well a feature is read off, from one unit or by a linear probe of all.

    r         held-out correlation.
    controls  the largest |r| of each kind of control, by "shifted", "labels" and "weights"; the
              last is left out where every network with shuffled weights grew out of all bounds.
              Of a corpus, "labels" is the |r| that one in twenty exceeds.
    verdict   "found"; "weak", above the controls, but below 0.5; "control", not clearly above
              the best control; "few", the feature rises too seldom to tell.
    """

    r: float
    controls: Mapping[str, float]
    verdict: Verdict

    @property
    def best_control(self) -> str:
        """The kind of control that comes closest."""
        return max(self.controls, key=lambda kind: self.controls[kind])

    @property
    def needed(self) -> float:
        """The least |r| that is found beside these controls; NaN where it cannot be told.

        It is 0.5, or 0.1 above the largest control, or half of what that leaves up to 1.
        """
        if self.verdict == "few":
            return float("nan")
        return max(LEAST_R, beyond(max(self.controls.values())))

    @property
    def is_found(self) -> bool:
        """True where the feature is read off better than from any control."""
        return self.verdict == "found"


def beyond(control: float) -> float:
    """The least |r| that is clearly above the largest |r| of controls.

    >>> beyond(0.25), beyond(0.9)
    (0.35, 0.95)
    """
    return control + max(_ROUNDING, min(_LEAST_MARGIN, (1 - control) / 2))


@dataclass(frozen=True)
class FeatureFinding:
    """What was found of one feature.

    best         reading of the best unit, `unit`.
    probe        reading of a linear probe of all units.
    selectivity  the probe's r less the mean of its random-label controls (Hewitt & Liang 2019).
    effect       of silencing the unit, in the result's `measure`; NaN where it cannot be told.
    """

    name: str
    unit: int
    best: ReadOff
    probe: ReadOff
    selectivity: float
    effect: float


@dataclass(frozen=True, eq=False)
class UnitContext:
    """A step at which a unit is high or low.

    before, token, after  what is read there.
    """

    step: int
    value: float
    before: str
    token: str
    after: str


@dataclass(frozen=True, eq=False, repr=False)
class FoundUnits(Figured):
    """Result of `rnnviz.find_units`.

    features      what was found of each feature.
    correlations  (feature, unit), held out.
    measure       of silencing: "bits" a token, the share of "answers" that change, or "share"
                  of the outputs' spread.
    typical       effect of silencing a unit taken at random.
    """

    drawing: ClassVar[str] = "found_units"
    features: tuple[FeatureFinding, ...]
    correlations: Array
    stream: UnitStream
    gathered: UnitPass = field(repr=False)
    silencing: Silencing

    @property
    def found(self) -> tuple[FeatureFinding, ...]:
        """Features that a single unit follows."""
        return tuple(one for one in self.features if one.best.is_found)

    def __getitem__(self, name: str) -> FeatureFinding:
        return finding_named(self.features, name)

    def __repr__(self) -> str:
        told = [f"{one.name}: unit {one.unit}, r = {one.best.r:.2f}" for one in self.found]
        steps, units = self.stream.n_steps, self.stream.n_units
        return f"<FoundUnits {steps:,} steps, {units} units; {'; '.join(told) or 'none'}>"

    def text(self, language: str = "en") -> str:
        """What was found and what was not, a line each feature, in English or Chinese."""
        return "\n".join(self.sentence(one.name, language) for one in self.features)

    def sentence(self, name: str, language: str = "en") -> str:
        """Sentence on one feature: its unit, its probe, and what silencing the unit does."""
        one = self[name]
        kinds = (("unit", one.best), ("probe", one.probe))[: 1 if one.best.verdict == "few" else 2]
        facts = {"name": feature_name(name, language), "unit": one.unit}
        told = [
            word(
                f"units.{kind}.{reading.verdict}",
                language,
                **facts,
                **reading_facts(reading, language),
            )
            for kind, reading in kinds
        ]
        return sentences([*told, self._silenced(one, language)], language)

    def _silenced(self, one: FeatureFinding, language: str) -> str:
        if not one.best.is_found or not np.isfinite(one.effect):
            return ""
        write = "{:.0%}".format if self.silencing.measure == "answers" else format_number
        effect, typical = map(write, (one.effect, self.silencing.typical))
        key = f"units.silenced.{self.silencing.measure}"
        return word(key, language, unit=one.unit, effect=effect, typical=typical)

    def contexts(
        self, unit: int, *, lowest: bool = False, width: int = 24
    ) -> tuple[UnitContext, ...]:
        """Places where a unit is highest, or lowest, the farthest first.

        unit   its number. Raises InputError for another.
        width  tokens told before and after, 200 at most.
        """
        self._check_unit(unit)
        check_count("width", width, 200)
        tops = self.gathered.tops
        steps, values = tops.lowest if lowest else tops.highest
        pairs = zip(steps[unit].tolist(), values[unit].tolist(), strict=True)
        return tuple(self._context(step, value, width) for step, value in pairs)

    def same_units(
        self, start: int, stop: int, *, threshold: float = 0.3, n: int = 12
    ) -> SameUnits:
        """Units that are on throughout some steps, and other steps where the same are on.

        start, stop  steps of the span, as in a slice, counted over all rows.
        threshold    a unit is on above it, or below its negative.
        n            other spans to tell.

        H. Strobelt, S. Gehrmann, H. Pfister, A. M. Rush, "LSTMVis", IEEE TVCG 24 (2018). Raises
        InputError for a span outside what was read.
        """
        return same_units(self.stream, self.gathered.kept, (start, stop), threshold, n)

    def to_frame(self) -> Any:
        """A pandas table, a row for each feature."""
        pandas = optional_library("pandas")
        return pandas.DataFrame([_row(one) for one in self.features])

    def _check_unit(self, unit: int) -> None:
        if not is_whole_number(unit) or not 0 <= unit < self.stream.n_units:
            raise InputError(
                "unit should be a whole number from 0 to {last}, but {came} came.",
                last=self.stream.n_units - 1,
                came=shown(unit),
            )

    def _context(self, step: int, value: float, width: int) -> UnitContext:
        _, place = self.stream.place(step)
        first = step - min(place, width)
        last = min(step + 1 + width, self.stream.row_end(step))
        tokens = self.stream.labels(first, last)
        glue = self.stream.glue
        before, after = tokens[: step - first], tokens[step - first + 1 :]
        return UnitContext(step, value, glue.join(before), tokens[step - first], glue.join(after))


class Judged(Protocol):
    """What was found of a feature."""

    @property
    def name(self) -> str:
        """Name of the feature."""

    @property
    def best(self) -> ReadOff:
        """Reading of the best unit."""


JudgedT = TypeVar("JudgedT", bound=Judged)


def closest_finding(findings: Sequence[JudgedT]) -> JudgedT | None:
    """What comes closest to being found, or is found most clearly; None where none can be told."""
    told = [one for one in findings if one.best.verdict != "few"]
    return max(told, key=lambda one: abs(one.best.r) - one.best.needed, default=None)


def finding_named(findings: Sequence[JudgedT], name: object) -> JudgedT:
    """Finding of a feature. Raises InputError for a feature that is not there."""
    for one in findings:
        if one.name == name:
            return one
    raise InputError(
        "The features are {names}, but “{came}” was asked for.",
        names=", ".join(one.name for one in findings),
        came=shown(name),
    )


def feature_name(name: str, language: str) -> str:
    """Name of a feature in a language; one that was given is called as it was given."""
    key = f"units.feature.{name}"
    return word(key, language) if has_word(key, language) else token_label(name)


def reading_facts(reading: ReadOff, language: str) -> dict[str, str]:
    """Numbers of a reading as its sentence tells them."""
    kind = reading.best_control
    return {
        "r": f"{reading.r:.2f}".replace("-", "−"),
        "control": f"{reading.controls[kind]:.2f}",
        "which": word(f"units.control.{kind}", language),
        "needed": f"{reading.needed:.2f}",
    }


def _row(one: FeatureFinding) -> dict[str, Any]:
    row: dict[str, Any] = {"feature": one.name, "unit": one.unit}
    for name, reading in (("unit", one.best), ("probe", one.probe)):
        row |= {f"{name}_r": reading.r, f"{name}_verdict": reading.verdict}
        row |= {f"{name}_{kind}": value for kind, value in reading.controls.items()}
    return row | {"selectivity": one.selectivity, "effect": one.effect}
