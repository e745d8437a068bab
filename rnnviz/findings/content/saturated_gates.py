"""Forget gates that stay open, and none that stays closed, in a network that reads characters."""

from __future__ import annotations

from rnnviz.analysis.saturation import saturation
from rnnviz.engine.api import trace
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.findings.saturated_units import SaturatedUnits
from rnnviz.inputs.parse import parse
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import book_parts

_MODEL = "next_character_lstm"
_N_CHARACTERS = 5_000
# A unit is said to be saturated "often" or "consistently" in more than this share of steps.
_OFTEN = 0.9
# Of 128 units; the paper says "many".
_MANY = 0.05


def _measure(tell: TellProgress) -> FindingResult:
    text = book_parts()[1][:_N_CHARACTERS]
    run = trace(preset(_MODEL).model(), parse(text, kind="characters"))
    gates = {gate: saturation(run, gate) for gate in ("input", "forget", "output")}
    forget, output = gates["forget"], gates["output"]
    numbers = (
        MeasuredNumber("open", (forget.open > _OFTEN).mean(), low=_MANY, form=".1%"),
        MeasuredNumber("closed", (forget.closed > _OFTEN).mean(), high=0, form=".1%"),
        MeasuredNumber("revealed", (output.open > _OFTEN).mean(), high=0, form=".1%"),
        MeasuredNumber("blocked", (output.closed > _OFTEN).mean(), high=0, form=".1%"),
    )
    return FindingResult(numbers, SaturatedUnits(gates))


FINDING = PublishedFinding(
    key="saturated_gates",
    publication=Publication(
        "A. Karpathy, J. Johnson, L. Fei-Fei",
        2015,
        "Visualizing and Understanding Recurrent Networks",
        "arXiv:1506.02078",
        "https://arxiv.org/abs/1506.02078",
    ),
    models=(_MODEL,),
    measure=_measure,
    choices={"understand": "health"},
    is_limit_late=True,
)
