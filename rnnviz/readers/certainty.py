"""Certainty of a reading: proved by the model's own run, checked in its arithmetic, or assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.html_table import html_table
from rnnviz.i18n import word

Grade = Literal["proved", "checked", "assumed"]
RunScope = Literal["whole", "arithmetic"]
_RELATIVE = {np.dtype(np.float64): 1e-9}
_SINGLE = 1e-5
# Letters of an assumption in a notebook.
_MOST_LETTERS = 400
NAMED_OPTIONS = (
    *("stacked", "separate", "none", "left_out", "part_of_cell", "learned", "zeros"),
    *("both", "forward", "backward", "keeps", "writes", "x_first", "h_first"),
    *("unit_rows", "unit_columns", "arrays", "settings"),
)
"""Answers that are words, `option.<name>` in the locales; others are names of the file or cells."""


@dataclass(frozen=True)
class Assumption:
    """Something taken without evidence that could change a number.

    name   the key of its sentence, `assume.<name>`.
    value  what was taken.

    >>> str(Assumption("activation", "tanh"))
    'the activation is tanh'
    """

    name: str
    value: str = ""

    def text(self, language: str = "en") -> str:
        """A clause in a language, without a full stop."""
        named = self.value in NAMED_OPTIONS
        value = word(f"option.{self.value}", language) if named else shown(self.value, 80)
        return word(f"assume.{self.name}", language, value=value)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Parity:
    """Parity with a framework: the difference of its run from ours, on one input.

    scope       "whole": the model's own run, from its own input; "arithmetic": the framework's
                layers, made here with the arrays as they were understood.
    difference  largest |Δ| over all steps and units of the top level's hidden states, and of the
                embedding's and the readout's numbers where both have them; infinite where their
                shapes differ.
    size        max |h| of the framework.
    n_steps     steps compared.
    dtype       of the framework's numbers.

    >>> Parity("whole", 1e-3, 0.5, 32).agrees
    False
    """

    scope: RunScope
    difference: float
    size: float
    n_steps: int
    dtype: str = "float32"

    @property
    def agrees(self) -> bool:
        """True within 1e-5 of the size in single precision, 1e-9 in double; never for NaN."""
        return self.difference <= _RELATIVE.get(np.dtype(self.dtype), _SINGLE) * self.size


@dataclass(frozen=True)
class Certainty:
    """How sure a reading is, and why.

    assumed  what was taken without evidence.
    parity   with the framework's run; None where no framework ran.

    >>> Certainty((), Parity("whole", 1e-8, 0.5, 32)).grade
    'proved'
    >>> Certainty((Assumption("activation", "tanh"),), None).grade
    'assumed'
    """

    assumed: tuple[Assumption, ...] = ()
    parity: Parity | None = None

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What was taken without evidence, and a parity that is missing or does not agree."""
        if self.parity is None:
            return (*self.assumed, Assumption("no_parity"))
        if np.isinf(self.parity.difference):
            return (*self.assumed, Assumption("shapes"))
        if not self.parity.agrees:
            return (*self.assumed, Assumption("difference", f"{self.parity.difference:.1e}"))
        return self.assumed

    @property
    def grade(self) -> Grade:
        """ "proved", "checked" or "assumed"."""
        if self.parity is None or self.assumptions:
            return "assumed"
        return "proved" if self.parity.scope == "whole" else "checked"

    def reason(self, language: str = "en") -> str:
        """One sentence: what was compared and the largest difference, or what was assumed."""
        if self.grade == "assumed":
            between = word("reason.between", language)
            assumptions = between.join(each.text(language) for each in self.assumptions)
            return word("reason.assumed", language, assumptions=assumptions)
        assert self.parity is not None
        return word(
            f"reason.{self.grade}",
            language,
            difference=f"{self.parity.difference:.1e}",
            size=f"{self.parity.size:.2g}",
            steps=self.parity.n_steps,
        )

    def text(self, language: str = "en") -> str:
        """The grade and its reason."""
        grade = word(f"grade.{self.grade}", language)
        return word("grade.reason", language, grade=grade, reason=self.reason(language))

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        """The grade, what was compared, and a line for everything that was assumed."""
        rows = [("assumed", str(each)) for each in self.assumptions]
        if self.parity is not None:
            rows = [*_compared(self.parity), *rows]
        return html_table(f"Certainty: {word(f'grade.{self.grade}')}", (), rows, _MOST_LETTERS)


def _compared(parity: Parity) -> list[tuple[str, str]]:
    whole = parity.scope == "whole"
    run = "the model's own run" if whole else "the framework's layers with these weights"
    return [
        ("compared with", run),
        ("steps", f"{parity.n_steps:,}"),
        ("largest |Δ|", f"{parity.difference:.1e}"),
        ("largest |h|", f"{parity.size:.2g}, {parity.dtype}"),
    ]


@dataclass(frozen=True, eq=False)
class ReferenceRun:
    """Numbers that a framework computed, all time first.

    inputs     (time, batch, feature) as the lowest recurrent level read them.
    hidden     (time, batch, unit) of the top level, forward beside backward.
    token_ids  (time, batch) that the model's embedding turned into `inputs`.
    outputs    (time, batch, output) of the readout.
    scope      of this run, where it could not be that of its reference.
    """

    inputs: Array
    hidden: Array
    token_ids: Array | None = None
    outputs: Array | None = None
    scope: RunScope | None = None


class Reference:
    """A framework's computation of a recurrent stack.

    A subclass is a frozen dataclass that can be pickled: files are read in a process of their own.
    """

    scope: RunScope = "arithmetic"
    # Modules of the framework, imported before a process that is to run it.
    libraries: ClassVar[tuple[str, ...]] = ()

    def run(self, values: Array) -> ReferenceRun:
        """The framework's run.

        values  (time, batch, feature), noise of the lowest level's size. A model whose own input
                is another makes its input itself, of as many steps and rows.
        """
        raise NotImplementedError

    def __call__(self, values: Array) -> Array:
        """Hidden states of the run, (time, batch, unit)."""
        return self.run(values).hidden
