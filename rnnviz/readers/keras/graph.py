"""A model's configuration ▶ its layers with what each reads; models inside it are opened.

Keras documentation, "Whole model saving & loading" and `Model.get_config`: a layer stands as
`class_name` and `config`, what it reads as `inbound_nodes`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.keras.file import Config

Ref = tuple[str, int]  # a layer's path and which of its outputs
KerasNodes = Mapping[str, "KerasNode"]
MODELS = ("Sequential", "Functional", "Model")
RECURRENT = ("SimpleRNN", "LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU", "RNN", "Bidirectional")
_UNKNOWN: Ref = ("", 0)
_MAX_LAYERS = 10_000
_MAX_DEPTH = 20


@dataclass(frozen=True, eq=False)
class KerasNode:
    """One layer.

    path     its name, after those of the models around it: "encoder/lstm".
    kind     its class.
    store    where Keras 3 puts its weights: "layers/functional/layers/lstm".
    group    the outermost layer that it belongs to, under which the legacy format has its weights.
    inputs   the outputs of layers that it reads.
    states   a recurrent layer's initial states.
    is_shared  whether it is called more than once.
    later    paths of the layers that it reads at its calls after the first.
    wrapper  the path of the TimeDistributed around it, "" for none.
    """

    path: str
    kind: str
    config: Config
    store: str
    group: str
    inputs: tuple[Ref, ...] = ()
    states: tuple[Ref, ...] = ()
    is_shared: bool = False
    later: tuple[str, ...] = ()
    wrapper: str = ""

    @property
    def name(self) -> str:
        """The layer's own name."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class _Place:
    """Place of a model: the prefix of its layers' paths and of their weights, its group.

    wrapper  the path of the TimeDistributed around it.
    """

    path: str = ""
    store: str = "layers/"
    group: str = ""
    depth: int = 0
    wrapper: str = ""


def keras_nodes(model: Config) -> KerasNodes:
    """Every layer by its path, in the order of the file, the outermost model's and all inside.

    Raises ModelError where the configuration is not as Keras writes it.
    """
    nodes: dict[str, KerasNode] = {}
    _check_class(model)
    try:
        _expand(model, _Place(), (), nodes)
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ModelError(
            "A Keras configuration should list the layers of a Sequential or Functional model, but"
            " this one does not ({reason}); save the weights alone, as in"
            ' model.save_weights("model.weights.h5").',
            reason=type(error).__name__,
        ) from error
    return nodes


def _check_class(model: Config) -> None:
    """Raise ModelError for a model of a class whose code, not its file, says what it computes."""
    kind = layer_kind(model) if isinstance(model, Mapping) and "class_name" in model else ""
    if kind and kind not in MODELS:
        raise ModelError(
            "The file holds a model of the class “{came}”, whose code alone says what it computes;"
            ' save its weights, as in model.save_weights("model.weights.h5"), and open those.',
            came=shown(kind),
        )


def layer_kind(layer: Config) -> str:
    """The class of a layer, with its package where it is none of Keras' own.

    >>> layer_kind({"module": "keras.layers", "class_name": "LSTM", "registered_name": None})
    'LSTM'
    >>> layer_kind({"module": None, "class_name": "LSTM", "registered_name": "Custom>LSTM"})
    'Custom>LSTM'
    """
    name, module = str(layer["class_name"]), layer.get("module")
    registered = layer.get("registered_name")
    if isinstance(module, str) and re.match(r"(tf_)?keras(\.|$)", module):
        return name
    if registered or module:
        registered = str(registered or name)
        return registered if ">" in registered else f"{module or 'Custom'}>{registered}"
    return name


def _expand(
    model: Config, place: _Place, inputs: tuple[Ref, ...], nodes: dict[str, KerasNode]
) -> tuple[Ref, ...]:
    """Outputs of the model, whose layers are added to `nodes`."""
    if place.depth > _MAX_DEPTH:
        raise TypeError
    config = model["config"]
    # Until Keras 2.2.2 a Sequential's configuration was the list itself.
    layers = config if isinstance(config, list) else config["layers"]
    if model["class_name"] == "Sequential":
        return _sequential(layers, place, inputs, nodes)
    return _functional(config, layers, place, inputs, nodes)


def _sequential(
    layers: list[Config], place: _Place, inputs: tuple[Ref, ...], nodes: dict[str, KerasNode]
) -> tuple[Ref, ...]:
    flow = inputs
    for layer, store in _stored(layers, place):
        if layer_kind(layer) == "InputLayer" and inputs:
            continue
        name = layer["config"]["name"] if isinstance(layer["config"], dict) else layer["class_name"]
        flow = _add(layer, name, store, place, (flow[:1], ()), nodes)
    return flow


def _functional(
    config: Config,
    layers: list[Config],
    place: _Place,
    inputs: tuple[Ref, ...],
    nodes: dict[str, KerasNode],
) -> tuple[Ref, ...]:
    entries = [name for name, _ in refs(config.get("input_layers", []))]
    outputs: dict[str, tuple[Ref, ...]] = {
        name: (ref,) for name, ref in zip(entries, inputs, strict=False)
    }
    for layer, store in _stored(layers, place):
        name = layer.get("name") or layer["config"]["name"]
        if name not in outputs:
            reads = _first_call(layer, outputs)
            outputs[name] = _add(layer, name, store, place, reads, nodes)
    _add_later_calls(layers, place, outputs, nodes)
    return tuple(_resolve(refs(config.get("output_layers", [])), outputs))


def _add_later_calls(
    layers: list[Config],
    place: _Place,
    outputs: Mapping[str, tuple[Ref, ...]],
    nodes: dict[str, KerasNode],
) -> None:
    """What shared layers read after their first call, which may come later in the file."""
    for layer in layers:
        node = nodes.get(place.path + str(layer.get("name") or layer["config"]["name"]))
        if node is not None and node.is_shared:
            read = _resolve(refs(layer["inbound_nodes"][1:]), outputs)
            nodes[node.path] = replace(node, later=tuple(path for path, _ in read))


def _first_call(
    layer: Config, outputs: Mapping[str, tuple[Ref, ...]]
) -> tuple[tuple[Ref, ...], tuple[Ref, ...]]:
    """Inputs of a layer at its first call, and its initial states."""
    calls = layer.get("inbound_nodes") or [[]]
    first = calls[0]
    named = first.get("kwargs", {}) if isinstance(first, dict) else {}
    if isinstance(first, list) and first and isinstance(first[0], list) and len(first[0]) > 3:
        named = first[0][3] or {}
    inputs = refs(first.get("args", []) if isinstance(first, dict) else first)
    states = refs(named.get("initial_state", []))
    if layer_kind(layer) in RECURRENT:
        inputs, states = inputs[:1], [*inputs[1:], *states]
    return tuple(_resolve(inputs, outputs)), tuple(_resolve(states, outputs))


def _add(
    layer: Config,
    name: str,
    store: str,
    place: _Place,
    reads: tuple[tuple[Ref, ...], tuple[Ref, ...]],
    nodes: dict[str, KerasNode],
) -> tuple[Ref, ...]:
    path, group = place.path + str(name), place.group or str(name)
    if len(nodes) > _MAX_LAYERS or path in nodes:
        raise KeyError(path)
    kind = layer_kind(layer)
    if kind in MODELS:
        inner = _Place(f"{path}/", f"{store}/layers/", group, place.depth + 1, place.wrapper)
        return _expand(layer, inner, reads[0] or (_UNKNOWN,), nodes)
    if not isinstance(layer["config"], Mapping):
        raise TypeError
    node = KerasNode(path, kind, layer["config"], store, group, *reads, wrapper=place.wrapper)
    node = replace(node, is_shared=len(layer.get("inbound_nodes") or ()) > 1)
    nodes[path] = node
    if kind == "TimeDistributed":
        _add_inside(node, place, nodes)
    return tuple((path, i) for i in range(8))


def _add_inside(node: KerasNode, place: _Place, nodes: dict[str, KerasNode]) -> None:
    """The layer or model in a TimeDistributed, which reads every step as a sequence of its own.

    A Dense does to every step what it does to the sequence, so that it stands for both.
    """
    layer, store = node.config["layer"], f"{node.store}/layer"
    if not isinstance(layer["config"], Mapping):
        raise TypeError
    if layer_kind(layer) == "Dense":
        nodes[node.path] = replace(node, kind="Dense", config=layer["config"], store=store)
    elif layer_kind(layer) in (*MODELS, *RECURRENT, "TimeDistributed"):
        inner = _Place(f"{node.path}/", "", node.group, place.depth + 1, node.path)
        _add(layer, layer["config"]["name"], store, inner, ((_UNKNOWN,), ()), nodes)


def _stored(layers: Iterable[Config], place: _Place) -> Iterator[tuple[Config, str]]:
    """Each layer with its path in Keras 3's weights: its class in snake case, numbered."""
    used: Counter[str] = Counter()
    for layer in layers:
        name = snake_case(str(layer["class_name"]))
        number = f"_{used[name]}" if used[name] else ""
        used[name] += 1
        yield layer, f"{place.store}{name}{number}"


def snake_case(name: str) -> str:
    """A class name as Keras 3 writes it in paths; keras.src.utils.naming.to_snake_case.

    >>> snake_case("SimpleRNN"), snake_case("LSTM"), snake_case("StackedRNNCells")
    ('simple_rnn', 'lstm', 'stacked_rnn_cells')
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def refs(config: Any, depth: int = 0) -> list[Ref]:
    """Layers and their outputs named anywhere in a piece of configuration, in order.

    >>> refs([["lstm", 0, 1, {}]]), refs({"config": {"keras_history": ["lstm", 0, 0]}})
    ([('lstm', 1)], [('lstm', 0)])
    """
    if depth > _MAX_DEPTH:
        raise TypeError
    if isinstance(config, Mapping):
        inner = config.get("keras_history") or list(config.values())
        return refs(inner, depth + 1)
    if not isinstance(config, list):
        return []
    if len(config) in (3, 4) and isinstance(config[0], str) and isinstance(config[2], int):
        return [(config[0], config[2])]
    return [ref for item in config for ref in refs(item, depth + 1)]


def _resolve(read: Iterable[Ref], outputs: Mapping[str, tuple[Ref, ...]]) -> Iterator[Ref]:
    for name, index in read:
        known = outputs.get(name, ())
        yield known[index] if 0 <= index < len(known) else _UNKNOWN
