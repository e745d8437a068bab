"""Modules whose names say that they read backward: one level of two directions, or a layer alone.

`lstm_fw` and `lstm_bw` (`tf.nn.bidirectional_dynamic_rnn`), `forward_layer_0` and
`backward_layer_0` (AllenNLP's ELMo), `cell_fw` and `cell_bw` (`paddle.nn.BiRNN`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rnnviz.core.arrays import Array
from rnnviz.network.layer import Direction
from rnnviz.readers.levels import NUMBER
from rnnviz.readers.recurrent import RecurrentModule
from rnnviz.readers.result import Answers, ImportQuestion

_FORWARD = r"forwards?|fwd?|l2r|ltr|left_?(?:to_?)?right"
_BACKWARD = r"backwards?|bwd?|bkwd?|rev|reversed?|r2l|rtl|right_?(?:to_?)?left"
_SIDE = re.compile(
    rf"(?:(?<![a-zA-Z])|(?<=[a-z])(?=[A-Z]))(?:(?P<forward>{_FORWARD})|(?P<backward>{_BACKWARD}))"
    r"(?![a-z])",
    re.IGNORECASE,
)
_Key = tuple[str, ...]
_LEVEL_0 = re.compile(r"(?:weight|bias)_(?:ih|hh|hr)(?:_l0)?")


def with_directions(
    modules: Iterable[RecurrentModule], answers: Answers
) -> tuple[RecurrentModule, ...]:
    """Modules with the directions that their names tell, two of one level joined.

    Both are asked about: "directions" whether two are one level, "direction" how one reads.
    """
    groups: dict[tuple[str, ...], dict[Direction, RecurrentModule]] = {}
    order: list[RecurrentModule | tuple[str, ...]] = []
    for module in modules:
        side, rest = _side(module)
        key = rest, module.style, *module.cells
        if side and side not in groups.get(key, {}):
            order += [key] if key not in groups else []
            groups.setdefault(key, {})[side] = module
        else:
            order.append(module)
    chains = _chains(groups)
    found: list[RecurrentModule] = []
    for each in order:
        if isinstance(each, RecurrentModule):
            found.append(each)
        else:
            found += _joined(groups[each], each in chains, answers)
    return tuple(found)


def _chains(groups: Mapping[tuple[str, ...], Mapping[Direction, RecurrentModule]]) -> set[_Key]:
    """Keys of levels whose directions each read their own below, as in ELMo, not both."""
    families: dict[_Key, list[_Key]] = {}
    for key in groups:
        families.setdefault((NUMBER.sub("", key[0]), *key[1:]), []).append(key)
    found: set[_Key] = set()
    for keys in families.values():
        modules = [next(iter(groups[key].values())) for key in keys]
        # The second level tells: of two directions it reads the numbers of both.
        if len(keys) > 1 and all(m.n_inputs != 2 * modules[0].n_outputs for m in modules[1:]):
            found.update(keys)
    return found


def _side(module: RecurrentModule) -> tuple[Direction | None, str]:
    """The direction that the path names, and the path without it; None for a module of both."""
    found = list(_SIDE.finditer(module.path))
    if len(found) != 1 or len({each.direction for each in module.directions}) > 1:
        return None, module.path
    side: Direction = "forward" if found[0]["forward"] else "backward"
    start, end = found[0].span()
    return side, f"{module.path[:start]}*{module.path[end:]}"


def _joined(
    sides: Mapping[Direction, RecurrentModule], is_chain: bool, answers: Answers
) -> list[RecurrentModule]:
    if sides.keys() == {"forward", "backward"} and _make_a_level(*sides.values()):
        about = ", ".join(sides[side].path for side in sides)
        likely = "separate" if is_chain else "both"
        question = ImportQuestion("directions", ("both", "separate"), likely, about)
        if question.choose(answers) == "both":
            return [_level(sides["forward"], sides["backward"], question)]
        sides = {side: _with_question(module, question) for side, module in sides.items()}
    return [
        _alone(module, answers) if side == "backward" else module for side, module in sides.items()
    ]


def _make_a_level(first: RecurrentModule, second: RecurrentModule) -> bool:
    """True for two layers of one level that read and give equally many numbers."""
    sizes = {(m.n_levels, m.n_inputs, m.n_outputs, *sorted(m.arrays)) for m in (first, second)}
    return len(sizes) == 1 and first.n_levels == 1


def _level(
    forward: RecurrentModule, backward: RecurrentModule, question: ImportQuestion
) -> RecurrentModule:
    directions = (*forward.directions, replace(backward.directions[0], direction="backward"))
    path = re.sub(r"[._/]?\*", "", _side(forward)[1]).strip("._/")
    return replace(
        forward,
        path=path,
        style="torch" if forward.style == "torch_cell" else forward.style,
        directions=directions,
        arrays=_of_both(forward, backward),
        used=forward.used | backward.used,
        asked=(*forward.asked, question),
    )


def _of_both(forward: RecurrentModule, backward: RecurrentModule) -> dict[str, Array]:
    """The arrays under the names of one `torch.nn` module that reads in both directions."""
    return {
        name.removesuffix("_l0") + "_l0" + end if _LEVEL_0.fullmatch(name) else name + end: array
        for module, end in ((forward, ""), (backward, "_reverse"))
        for name, array in module.arrays.items()
    }


def _alone(module: RecurrentModule, answers: Answers) -> RecurrentModule:
    """A layer that its name says reads backward."""
    question = ImportQuestion("direction", ("backward", "forward"), "backward", module.path)
    module = _with_question(module, question)
    if question.choose(answers) == "forward":
        return module
    directions = tuple(replace(each, direction="backward") for each in module.directions)
    return replace(module, directions=directions)


def _with_question(module: RecurrentModule, question: ImportQuestion) -> RecurrentModule:
    return replace(module, asked=(*module.asked, question))
