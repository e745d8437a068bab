"""A recurrent stack ▶ ImportResult: the model, and the report that says everything in one way.

Sizes are inputs → units of each direction of every level; the directions have a row of their own,
as in `torch.nn.LSTM(4, 5, bidirectional=True)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rnnviz.core.checks import shown
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.readers.recurrent import RecurrentStack
from rnnviz.readers.result import Evidence, ImportResult, Origin, ReportRow

_MAX_NAMED = 12
_FIXED: dict[str, Origin] = {"sizes": "shapes", "gate_order": "framework", "nan": "answer"}
_NONE = "–"


def import_result(stack: RecurrentStack) -> ImportResult:
    """The stack as a model with its report. Raises ModelError where the layers do not fit."""
    model = Model(
        stack.layers,
        stack.readout,
        vocabulary=stack.vocabulary,
        source=stack.source,
        embedding=stack.embedding,
    )
    return ImportResult(
        stack.name,
        model,
        report_rows(model, stack.evidence),
        stack.questions,
        stack.reference,
        stack.evidence,
    )


def report_rows(model: Model, evidence: Evidence) -> tuple[ReportRow, ...]:
    """Every row that has something to say, in the order they are read."""
    values = dict(_values(model, evidence))
    return tuple(
        ReportRow(
            name,
            ", ".join(filter(None, (value, evidence.notes.get(name)))),
            _FIXED.get(name) or evidence.origins.get(name, "file"),
        )
        for name, value in values.items()
        if value or name in evidence.notes
    )


def _values(model: Model, evidence: Evidence) -> Iterator[tuple[str, str]]:
    layers = model.layers
    yield "cell", _listed(layer.cell_name for layer in layers)
    yield "layers", str(len(model.levels))
    yield "sizes", " → ".join([str(model.n_inputs), *map(_units, model.levels)])
    yield "directions", _listed(layer.direction for layer in layers)
    yield "gate_order", _gate_orders(layers, evidence.framework)
    yield "biases", " + ".join(_bias_roles(layers)) or _NONE
    yield "activations", _listed(name for layer in layers for name in _activations(layer))
    yield "initial_states", _listed(state for layer in layers for state in layer.initial) or "0"
    yield "lengths", ""
    yield "numbers", _number_types(model, evidence)
    if model.embedding is not None:
        yield "embedding", f"{shown(evidence.embedding, 80)} {model.embedding.shape}"
    yield "vocabulary", "" if model.vocabulary is None else str(len(model.vocabulary))
    if model.readout is not None:
        shape = model.readout.weights.shape
        yield "readout", f"{shown(evidence.readout, 80)} {shape}, {model.readout.activation}"
    yield "nan", _zeroed(evidence)
    yield "left_out", ", ".join((*_first(evidence.left_out), *evidence.ignored))


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _units(level: tuple[Layer, ...]) -> str:
    """Units of each direction; what they are projected onto in brackets."""
    widths = (
        str(y.n_units) + (f" ({y.n_hidden})" if y.n_hidden != y.n_units else "") for y in level
    )
    return " + ".join(dict.fromkeys(widths))


def _gate_orders(layers: tuple[Layer, ...], framework: str) -> str:
    orders = GATE_ORDER.get(framework, {})
    stacked = dict.fromkeys(orders.get(layer.cell_name, ()) for layer in layers)
    return "; ".join(", ".join(gates) for gates in stacked if len(gates) > 1)


def _bias_roles(layers: tuple[Layer, ...]) -> list[str]:
    roles = {name.rpartition(".")[2] for layer in layers for name in layer.weights}
    return sorted(roles & {"b", "bh"})


def _activations(layer: Layer) -> Iterator[str]:
    """The functions that are the cell's own, then the others with their gate, and the clipping."""
    every = layer.activation_names
    yield from (name for gate, name in every.items() if gate not in layer.activations)
    for gate, name in layer.activations.items():
        yield name if len(every) == 1 else f"{gate} {name}"
    if layer.clip is not None:
        yield f"clip {layer.clip:g}"


def _number_types(model: Model, evidence: Evidence) -> str:
    stored = sorted({array.dtype for array in evidence.arrays})
    read = str(model.dtype)
    return read if stored in ([], [read]) else f"{', '.join(stored)} → {read}"


def _zeroed(evidence: Evidence) -> str:
    zeroed = [array for array in evidence.arrays if array.n_zeroed]
    return ", ".join(f"{shown(array.name, 80)}: {array.n_zeroed}" for array in zeroed)


def _first(words: tuple[str, ...]) -> tuple[str, ...]:
    rest = len(words) - _MAX_NAMED
    return words if rest <= 0 else (*words[:_MAX_NAMED], f"… +{rest}")
