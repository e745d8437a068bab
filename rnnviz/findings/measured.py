"""What was measured for a finding: its numbers, what each should be, and whether they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.formatting import running_text


@dataclass(frozen=True)
class MeasuredNumber:
    """A number of a finding, and what the finding asks of it.

    name       the key of its words is `finding.KEY.NAME`.
    value      as it was measured here.
    low, high  the least and the most that it may be; with neither it stands for comparison.
    published  the paper's number, where it gives one of this kind.
    form       how it is written, as in Python's `format`.

    >>> MeasuredNumber("error", 0.00068, high=0.01).holds
    True
    >>> print(MeasuredNumber("error", 0.2, high=0.01, form=".2f").criterion)
    ≤\N{NO-BREAK SPACE}0.01
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    published: float | None = None
    form: str = ".3g"

    @property
    def holds(self) -> bool:
        """True where the number lies within what is asked; NaN never does."""
        above = self.low is None or self.value >= self.low
        return above and (self.high is None or self.value <= self.high)

    @property
    def is_asked(self) -> bool:
        """False for a number that stands for comparison."""
        return self.low is not None or self.high is not None

    @property
    def criterion(self) -> str:
        """What is asked, in signs; "" where nothing is."""
        low, high = self.low, self.high
        if low is not None and high is not None:
            ends = f"{self.written(low)} … {self.written(high)}"
            said = f"= {self.written(low)}" if low == high else ends
        elif low is not None:
            said = f"≥ {self.written(low)}"
        else:
            said = "" if high is None else f"≤ {self.written(high)}"
        # No line ends between a sign and its number.
        return said.replace(" ", "\N{NO-BREAK SPACE}")

    def written(self, value: float) -> str:
        """A number in this one's form, as a sentence prints it."""
        return running_text(format(value, self.form))


@dataclass(frozen=True, eq=False, repr=False)
class FindingResult:
    """What a finding came to.

    numbers  at least one of them asked for something.
    view     a result that draws itself, where a figure tells more than the numbers.
    """

    numbers: tuple[MeasuredNumber, ...]
    view: Figured | None = None

    @property
    def holds(self) -> bool:
        """True where every number is as the finding says."""
        return all(one.holds for one in self.numbers)

    def __getitem__(self, name: str) -> float:
        return next(one.value for one in self.numbers if one.name == name)

    def __repr__(self) -> str:
        told = ", ".join(f"{one.name} {one.written(one.value)}" for one in self.numbers)
        return f"<{'Holds' if self.holds else 'Does not hold'}: {told}>"

    def figure(self, **options: Any) -> Any:
        """A `plotly.graph_objects.Figure`, as `Figured.figure`; None where the numbers tell all."""
        return None if self.view is None else self.view.figure(**options)

    def to_frame(self) -> Any:
        """A pandas table, a row for each number: `name`, `value`, `low`, `high`, `published` and
        `holds`."""
        pandas = optional_library("pandas")
        names = ("name", "value", "low", "high", "published", "holds")
        return pandas.DataFrame([{n: getattr(one, n) for n in names} for one in self.numbers])
