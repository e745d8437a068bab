"""What a checkpoint without a state dict holds instead, and how its owner saves the weights.

A whole module and an object with tensors among its attributes are named with the expression that
reaches them, so that the line in the refusal works on the file as it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.result import Source
from rnnviz.readers.torch.checkpoint_layout import CheckpointLayout, has_axes, named_entries
from rnnviz.readers.torch.stand_in import StandIn

_MODULE = ("_parameters", "_modules")
_SAVE = 'torch.save(state, "weights.pt")'
_SAVE_PICKLE = 'pathlib.Path("weights.pkl").write_bytes(pickle.dumps(state))'
_MAX_DEPTH = 8
_MAX_PLACES = 20_000


def unread_weights(source: Source, root: object, load: str) -> ModelError | None:
    """Error for a checkpoint whose weights lie in an object; None where there are none.

    load  the Python expression that loads the file in the program that wrote it.
    """
    layout = CheckpointLayout(has_axes)
    holding: dict[int, bool] = {}
    for place in _places(root):
        if place.owner is None:
            continue
        if all(name in place.node for name in _MODULE):
            if _holds_weights(place.node, layout, holding):
                return _whole_module(source, place.owner, load + place.path)
        else:
            for name, value in named_entries(place.node):
                if layout.holds_weights(value):
                    return _in_object(source, place.owner, f"{load}{place.path}.{name}")
            if layout.holds_weights(place.node):
                return _in_object(source, place.owner, f"vars({load}{place.path})")
    return None


class _Place(NamedTuple):
    """A container, or an object's attributes, with the expression that leads to it."""

    path: str
    node: Any
    owner: StandIn | None = None
    depth: int = 0


def _places(root: object) -> Iterator[_Place]:
    """Every container and object of a checkpoint once, the nearest first."""
    seen: set[int] = set()
    queue = deque([_Place("", root)])
    while queue and len(seen) < _MAX_PLACES:
        place = queue.popleft()
        path, node, owner, depth = place
        if id(node) in seen or depth > _MAX_DEPTH:
            continue
        seen.add(id(node))
        yield place
        if isinstance(node, StandIn):
            queue.extend(_Place(path, state, node, depth + 1) for state in node.states())
            node = node.entries
        form = ".{}" if owner else '["{}"]' if isinstance(node, dict) else "[{}]"
        for key, value in named_entries(node):
            if len(queue) < _MAX_PLACES:
                queue.append(_Place(path + form.format(key), value, depth=depth + 1))


def _holds_weights(
    node: object, layout: CheckpointLayout, holding: dict[int, bool], depth: int = 0
) -> bool:
    """True where a matrix lies in a container, or among the attributes of an object inside."""
    if id(node) not in holding and depth <= _MAX_DEPTH:
        holding[id(node)] = False
        inner = [value for _, value in named_entries(node)]
        if isinstance(node, StandIn):
            inner = [*node.states()]
        holding[id(node)] = layout.holds_weights(node) or any(
            _holds_weights(value, layout, holding, depth + 1) for value in inner
        )
    return holding.get(id(node), False)


def _whole_module(source: Source, module: StandIn, load: str) -> ModelError:
    return ModelError(
        "“{name}” should hold a model's weights, but it holds the whole module with its class"
        " {named}, which only its own program can load; there, save the weights alone:"
        ' model = {load}; torch.save(model.state_dict(), "weights.pt").',
        name=shown(source.name),
        named=shown(module.name, limit=80),
        load=load,
    )


def _in_object(source: Source, owner: StandIn, load: str) -> ModelError:
    return ModelError(
        "“{name}” should hold a model's weights by name, but they lie in an object of the class"
        " {named}, which only its own program can load; there, save the weights alone:"
        " state = {load}; {save}.",
        name=shown(source.name),
        named=shown(owner.name, limit=80),
        load=load,
        save=_SAVE if "torch.load(" in load else _SAVE_PICKLE,
    )
