"""A trace as the arrays of a NumPy archive, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import LAYER_PARTS, LayerTrace, Trace
from rnnviz.readers.certainty import Assumption, Certainty, Parity

if TYPE_CHECKING:
    from rnnviz.interventions.types import Intervention
    from rnnviz.network.layer import Direction


def trace_arrays(trace: Trace) -> dict[str, Array]:
    """Everything of a trace as arrays by name, its words in one of them."""
    sequence = trace.sequence
    about = {
        "tokens": sequence.tokens,
        "lengths": sequence.lengths,
        "features": sequence.features,
        "encoding": sequence.encoding,
        "layers": [[layer.cell_name, layer.direction, layer.level] for layer in trace.layers],
        "source": trace.source,
        "output_names": trace.output_names,
        "is_trained": trace.is_trained,
        "readout": trace.readout,
        "start": trace.start,
        "whole": trace.whole,
        "interventions": _written(trace.interventions),
        "certainty": None if trace.certainty is None else asdict(trace.certainty),
    }
    named = {
        f"{i}/{key}/{name}": array
        for i, layer in enumerate(trace.layers)
        for part, key in LAYER_PARTS.items()
        for name, array in getattr(layer, part).items()
    }
    text = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    return {"about": text, "values": sequence.values, "outputs": trace.outputs, **named}


def restored_trace(named: Mapping[str, Array]) -> Trace:
    """A trace from its arrays. Raises any error for arrays of something else."""
    about = json.loads(named["about"].tobytes())
    sequence = Sequence(
        named["values"],
        about["tokens"],
        about["lengths"],
        about["features"],
        about["encoding"],
    )
    layers = [_layer(named, i, *head) for i, head in enumerate(about["layers"])]
    for layer in layers:
        _check_layer(layer, sequence)
    return Trace(
        sequence,
        tuple(layers),
        named["outputs"],
        about["source"],
        about["output_names"],
        about["is_trained"],
        about.get("readout", "softmax"),
        about.get("start", 0),
        about.get("whole", 0),
        _read_again(about.get("interventions", ())),
        _certainty(about.get("certainty")),
    )


def _certainty(written: dict[str, Any] | None) -> Certainty | None:
    if written is None:
        return None
    parity, assumed = written["parity"], written["assumed"]
    certainty = Certainty(
        tuple(Assumption(str(each["name"]), str(each["value"])) for each in assumed),
        None if parity is None else Parity(**parity),
    )
    # A foreign file may name what has no sentence.
    str(certainty)
    return certainty


def _written(interventions: tuple[Intervention, ...]) -> list[dict[str, Any]]:
    if not interventions:
        return []
    from rnnviz.interventions.serialise import to_dict

    return list(map(to_dict, interventions))


def _read_again(written: list[dict[str, Any]]) -> tuple[Intervention, ...]:
    if not written:
        return ()
    from rnnviz.interventions.serialise import from_dict

    return tuple(map(from_dict, written))


def _layer(
    named: Mapping[str, Array], index: int, cell: str, direction: Direction, level: int
) -> LayerTrace:
    parts = {
        part: {
            name.split("/", 2)[2]: array
            for name, array in named.items()
            if name.startswith(f"{index}/{key}/")
        }
        for part, key in LAYER_PARTS.items()
    }
    return LayerTrace(cell, direction, level, **parts)


def _check_layer(layer: LayerTrace, sequence: Sequence) -> None:
    names = {signal.name for signal in layer.cell.signals}
    shapes = {array.shape[:2] for array in layer.signals.values()}
    widths = {(s.axis, layer.signals[s.name].shape[2]) for s in layer.cell.signals}
    even = len(widths) == len(dict(widths))
    if set(layer.signals) != names or shapes != {sequence.values.shape[:2]} or not even:
        raise ValueError(f"layer {layer.level} does not fit the sequence")
