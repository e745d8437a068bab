"""Subject of a report: the model, the data, how sure their reading is, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.analysis.symptoms import place_text
from rnnviz.i18n import has_word, word
from rnnviz.inputs.decision import Decision
from rnnviz.readers.certainty import Certainty
from rnnviz.readers.result import ImportQuestion, ReportRow
from rnnviz.reports.examination import Examination


@dataclass(frozen=True, eq=False)
class ReportSubject:
    """What a report is about.

    model, data  their names, as they came: of files.
    certainty    of the model's reading; None for a model made in Python.
    rows         of its reading.
    questions    that were not answered.
    decisions    of the data's reading.
    scale        how columns were scaled, "" where they were not read from a table.
    command      that made the report, "" for none.
    made         date, in ISO 8601.
    """

    found: Examination
    model: str
    data: str
    certainty: Certainty | None = None
    rows: tuple[ReportRow, ...] = ()
    questions: tuple[ImportQuestion, ...] = ()
    decisions: tuple[Decision, ...] = ()
    scale: str = ""
    command: str = ""
    made: str = ""

    def layer(self, index: int, language: str) -> str:
        """Name of a layer, counted from 1."""
        return place_text(self._place(index), language)

    def numbers_of(self, index: int) -> dict[str, float]:
        """Health of a layer, by names without the layer."""
        start, health = f"{self._place(index)}.", self.found.health
        return {name.removeprefix(start): n for name, n in health.items() if name.startswith(start)}

    def _place(self, index: int) -> str:
        one = self.found.model.layers[index]
        return f"{one.level}.{one.direction}"


def signal_name(name: str, language: str) -> str:
    """Name of a signal in a language.

    >>> signal_name("forget", "en")
    'forget gate'
    """
    return word(f"signal.{name}", language) if has_word(f"signal.{name}", language) else name
