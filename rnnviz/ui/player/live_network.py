"""The model of a page in the page itself, so that a change is seen while the hand still moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnviz.analysis.panels import Panel, Panels
from rnnviz.core.activations import parse_activation
from rnnviz.core.arrays import Array
from rnnviz.core.backend import get_backend
from rnnviz.core.sequence import Sequence
from rnnviz.engine.layer_runner import initial_states
from rnnviz.engine.linear import Linear
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.engine.trace import Trace
from rnnviz.interventions.serialise import to_dict
from rnnviz.interventions.types import ChangeWeight, Intervention
from rnnviz.interventions.weights import apply_weight_changes
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model, Readout
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack, pack_arrays
from rnnviz.ui.player.typed_text import TypedField, text_spec

# A page gets no network of more weights, 4 MB, and runs none of more products: 20 ms in Chromium.
MAX_LIVE_WEIGHTS = 500_000
MAX_LIVE_PRODUCTS = 48_000_000
# Nor does a page draw more weights from another seed.
MAX_DRAWN_WEIGHTS = 40_000

ModelSpec = dict[str, Any]
# What a slider does, without the value that it has.
Tried = Mapping[str, Any]


def live_network(packet: bytes, *, key: str) -> None:
    """The network of a packet in the page; a gate that is dragged there runs it."""
    component("live_network")(data=packet, key=key)


def live_sliders(tried: Mapping[str, Tried], *, playhead: str, key: str) -> None:
    """Controls that show what they would do while they are moved, where the page has the network.

    tried  by key of a control's container what it does: a slider or a number field gives the value
           itself, a button does what is said with its `value`.
    """
    component("live_sliders")(data=pack({"playhead": playhead, "sliders": tried}), key=key)


def tried_intervention(intervention: Intervention) -> Tried:
    """Intervention that a slider tries out while it is moved; the slider gives its value."""
    return {name: part for name, part in to_dict(intervention).items() if name != "value"}


def tried_weight(model: Model, change: ChangeWeight) -> Tried:
    """Change of a weight that a slider tries out while it is moved; the slider gives its value."""
    return {"do": "weight", "at": weight_places(model, change)}


def weight_places(model: Model, change: ChangeWeight) -> list[int]:
    """Places of a weight in the numbers of `model_spec`: those that differ when it changes."""
    nothing = Sequence(np.zeros((1, 1, model.n_inputs)))
    given = [
        model_spec(apply_weight_changes(model, [replace(change, value=value)]), nothing, ())[1]
        for value in (0.0, 1.0)
    ]
    return list(map(int, np.flatnonzero(given[0] != given[1])))


@dataclass(frozen=True)
class LiveView:
    """What the page shows of a network's run.

    panels    whose numbers the page has.
    layer     the layer that they are of.
    group     of the page's components.
    is_drawn  whether the heatmaps show these numbers, not their difference from others.
    trace     the name under which the page has the numbers.
    field     the field in which the text is typed that the network reads; None for none.
    drawn     the random network before its matrices are multiplied by `gain`, in float64; None
              for another network.
    random    what the page needs to draw that network from another seed (`drawn_spec`); None where
              it cannot.
    arithmetic  what the page needs to tell how a number was made; None where it tells nothing.
    """

    panels: Panels
    layer: int
    group: str
    is_drawn: bool
    trace: str
    field: TypedField | None = None
    drawn: Model | None = None
    gain: float = 1
    random: Mapping[str, Any] | None = None
    arithmetic: Mapping[str, Any] | None = None


def live_packet(model: Model, trace: Trace, view: LiveView) -> bytes | None:
    """The model, its input and its interventions for the browser; None for too large a network."""
    n_steps = trace.sequence.lengths[0]
    n_products = sum(map(_count_products, model.layers))
    if n_products > MAX_LIVE_WEIGHTS or n_products * n_steps > MAX_LIVE_PRODUCTS:
        return None
    header, numbers = _drawn_spec(model, trace, view.drawn) or model_spec(
        model, trace.sequence, trace.interventions
    )
    block = _Block(numbers.size)
    place = {
        "group": view.group,
        "playhead": view.group,
        "layer": view.layer,
        "isDrawn": view.is_drawn,
        "trace": view.trace,
        "gain": {"now": view.gain, "of": _matrices(model, header)} if view.drawn else None,
        "random": view.random if n_products <= MAX_DRAWN_WEIGHTS else None,
        "most": MAX_LIVE_PRODUCTS // n_products,
        "arithmetic": view.arithmetic,
        "text": text_spec(model, view.field, block.add) if view.field else None,
        "panels": [
            {"name": panel.signal.name, "rows": _rows(panel)} for panel in view.panels.panels
        ],
    }
    return pack_arrays(header | place, [numbers, *block.arrays], is_double=True)


def _drawn_spec(model: Model, trace: Trace, drawn: Model | None) -> tuple[ModelSpec, Array] | None:
    """The numbers of a random network before its gain; what changes weights comes after that."""
    if drawn is None:
        return None
    given = trace.interventions
    changes = [one for one in given if isinstance(one, ChangeWeight)]
    others = [one for one in given if not isinstance(one, ChangeWeight)]
    header, numbers = model_spec(drawn, trace.sequence, others)
    tried = [{**tried_weight(model, one), "value": one.value} for one in changes]
    return header | {"interventions": header["interventions"] + tried}, numbers


def _matrices(model: Model, header: ModelSpec) -> list[list[int]]:
    """Places of the matrices, biases and other vectors left out."""
    found = [header["readout"]["weights"]] if header["readout"] else []
    for layer, spec in zip(model.layers, header["layers"], strict=True):
        params = layer.cell.params_by_name
        products = [spec["input"], spec["hidden"], *spec["products"].values()]
        found += [pair[0] for pair in products if pair]
        found += [at for name, at in spec["weights"].items() if len(params[name].axes) == 2]
    return found


def _count_products(layer: Layer) -> int:
    return layer.n_units * len(layer.cell.gates) * (layer.n_inputs + layer.n_hidden)


def _rows(panel: Panel) -> list[int]:
    return list(range(len(panel.units))) if panel.has_own_axis else list(map(int, panel.units))


class _Block:
    """Arrays of one message, one after the other; in the header each is its start and size."""

    def __init__(self, start: int = 0) -> None:
        self.arrays: list[Array] = []
        self.size = start

    def add(self, array: Array) -> list[int]:
        flat = np.asarray(array, dtype="<f8").ravel()
        self.arrays.append(flat)
        self.size += flat.size
        return [self.size - flat.size, flat.size]

    def joined(self) -> Array:
        return np.concatenate(self.arrays)


def model_spec(
    model: Model, sequence: Sequence, interventions: Iterable[Intervention], row: int = 0
) -> tuple[ModelSpec, Array]:
    """What engine.js needs to run a model on one row: a header, and its numbers in one block.

    An array in the header is [start, size] of the block. Weights are those that the interventions
    leave; the other interventions are in the header.

    Raises ModelError when the sequence does not fit the model.
    """
    given = tuple(interventions)
    changed = apply_weight_changes(model, given)
    fitting = encode_for_model(model, sequence)
    block = _Block()
    n_steps = fitting.lengths[row]
    header = {
        "layers": [_layer(layer, block, row, fitting.n_rows) for layer in changed.layers],
        "readout": _readout(changed.readout, block) if changed.readout else None,
        "inputs": block.add(fitting.values[:n_steps, row]),
        "nSteps": int(n_steps),
        "interventions": [
            to_dict(one)
            for one in given
            if not isinstance(one, ChangeWeight) and getattr(one, "row", None) in (None, row)
        ],
    }
    return header, block.joined()


def _layer(layer: Layer, block: _Block, row: int, n_rows: int) -> ModelSpec:
    cell, products = layer.cell, Linear.of(layer, get_backend(), np.dtype(float))
    return {
        "cell": layer.cell_name,
        "level": layer.level,
        "direction": layer.direction,
        "clip": layer.clip,
        "sizes": layer.sizes,
        "signals": {signal.name: signal.axis for signal in cell.signals},
        "shifted": [gate.name for gate in cell.gates if gate.shift],
        "activations": {gate: _call(name) for gate, name in layer.activation_names.items()},
        "reading": products.reading,
        "outside": products.outside,
        "input": list(map(block.add, products.input)),
        "hidden": list(map(block.add, products.recurrent)) if products.outside else [],
        "products": {g: list(map(block.add, pair)) for g, pair in products.inside.items()},
        "weights": {name: block.add(array) for name, array in products.extra_params.items()},
        "initial": {s: block.add(a[row]) for s, a in initial_states(layer, n_rows).items()},
    }


def _readout(readout: Readout, block: _Block) -> ModelSpec:
    return {
        "weights": block.add(readout.weights.T),
        "bias": block.add(readout.bias),
        "activation": _call(readout.activation),
    }


def _call(activation: str) -> list[Any]:
    """An activation's name and arguments, as engine.js calls it."""
    if activation == "softmax":
        return [activation]
    name, arguments = parse_activation(activation)
    return [name, *arguments]
