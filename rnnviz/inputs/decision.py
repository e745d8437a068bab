"""Decisions made in reading a table that its file leaves open."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rnnviz.core.checks import shown
from rnnviz.errors import AssumptionWarning
from rnnviz.i18n import word

# How a character that cannot be seen is written.
_WRITTEN = {"\t": "\\t", " ": "␣"}

# The argument that answers a question, and its values where they are no texts.
_ARGUMENTS = {
    "decimal": "decimal={!r}",
    "dates": "dayfirst={}",
    "delimiter": "sep={!r}",
    "charset": "charset={!r}",
    "sheet": "sheet={!r}",
    "orient": "orient={!r}",
    "header": "header={}",
    "footer": "skipfooter={}",
    "text": "na_values={!r}",
    "sentinel": "na_values={!r}",
}
_VALUES = {"day first": "True", "month first": "False", "none": "None"}


@dataclass(frozen=True)
class Decision:
    """What was taken for granted about a file or one of its columns, shown and changeable.

    name        what was decided: "decimal", "dates", "header", "delimiter", …
    chosen      the option that was taken.
    options     all that fit the file, the chosen one among them; one where nothing can be chosen.
    column      the column it is about; "" for the whole file.
    is_certain  False where the file fits another option as well, with other numbers.
    facts       what fills the other gaps of its sentence.

    >>> print(Decision("decimal", ",", (",", "."), "price", False, {"cell": "1,234"}))
    Column “price”: the decimal mark is “,” (“1,234”).
    """

    name: str
    chosen: str
    options: tuple[str, ...] = ()
    column: str = ""
    is_certain: bool = True
    facts: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """What was decided, in a language.

        >>> Decision("header", "0").sentence("zh")
        '第 1 行是列名。'
        """
        facts = {name: shown(value) for name, value in self.facts.items()}
        said = word(self._key, language, chosen=self.option_text(self.chosen, language), **facts)
        if not self.column:
            return said
        return word("reading.column", language, column=shown(self.column), said=said)

    def __str__(self) -> str:
        return self.sentence()

    @property
    def otherwise(self) -> str:
        """The arguments of `rnnviz.read_sequence` that choose otherwise, in brackets; "" for none.

        >>> Decision("dates", "month first", ("month first", "day first")).otherwise
        '(or dayfirst=True)'
        """
        if self.name not in _ARGUMENTS:
            return ""
        others = [option for option in self.options if option != self.chosen][:3]
        written = (self._argument(option) for option in others)
        return f"(or {', '.join(dict.fromkeys(written))})" if others else ""

    def _argument(self, option: str) -> str:
        if option == "year first":
            return "yearfirst=True"
        return _ARGUMENTS[self.name].format(_VALUES.get(option, option))

    @property
    def _key(self) -> str:
        return f"reading.{self.name}.none" if self.chosen == "none" else f"reading.{self.name}"

    def option_text(self, option: str, language: str = "en") -> str:
        """An option in a language.

        >>> Decision("delimiter", " ").option_text(" ")
        '␣'
        """
        if self.name == "dates":
            return word(f"reading.{option}", language)
        if option == "none":
            return word("option.none", language)
        if self.name == "header":
            # Lines are counted from 0 for a program, from 1 for people.
            return str(int(option) + 1)
        if self.name in ("text", "sentinel"):
            key = {"text": "reading.as_text", "number": "reading.as_number"}.get(option)
            return word(key or "reading.as_gap", language, cell=shown(option))
        return shown(_WRITTEN.get(option, option))


def warn_of_assumptions(decisions: Iterable[Decision], stacklevel: int) -> None:
    """Warn, once, of every decision that its file leaves open."""
    assumed = [
        f"{decision} {decision.otherwise}".strip()
        for decision in decisions
        if not decision.is_certain
    ]
    if assumed:
        warnings.warn(" ".join(assumed), AssumptionWarning, stacklevel=stacklevel)
