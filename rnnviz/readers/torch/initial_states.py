"""Initial states that lie beside a module's weights, or layers that compute them.

Shapes: as `torch.nn.LSTM` takes them, (layers × directions, 1, unit), or (unit,) of a single one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.readers.beside import Surroundings, n_units_of, path_parts
from rnnviz.readers.recurrent import RecurrentModule
from rnnviz.readers.result import Answers, ImportQuestion
from rnnviz.readers.tensors import finite_floats

_NAME = re.compile(
    r"init(?:ial)?_?(?P<first>h|c|hidden|cell|hx|cx)(?:_?state)?_?0?"
    r"|(?P<last>h|c|hidden|cell|hx|cx)(?:_?state)?_?(?:0|init|initial)",
    re.IGNORECASE,
)
_COMPUTED = re.compile(r"(?:h|c|hx|cx)_?0|.*init.*", re.IGNORECASE)


def computing_states(module: RecurrentModule, around: Surroundings) -> tuple[str, ...]:
    """Names of layers beside the module that by their names compute its initial states.

    `init_h` and `init_c` of an image captioner, which read the image; an embedding `h0`.
    """
    path = path_parts(module.path)
    names = around.under(path[:-1]) if path else ()
    parts = map(path_parts, names)
    found = dict.fromkeys(each[-2] for each in parts if len(each) == len(path) + 1)
    return tuple(stem for stem in found if _NAME.fullmatch(stem) and _COMPUTED.fullmatch(stem))


def with_initial_states(
    module: RecurrentModule, names: Mapping[str, str], arrays: Mapping[str, Array], answers: Answers
) -> RecurrentModule:
    """The module with the initial states among the names, and the question whether it uses them.

    names  in the file by name inside the module.

    Raises ModelError naming an array that is not finite.
    """
    found = {
        _state(match["first"] or match["last"]): name
        for inside, name in names.items()
        if (match := _NAME.fullmatch(inside))
    }
    widths = {"hidden": module.directions[0].n_outputs, "cell": n_units_of(module)}
    n_rows = len(module.directions)
    known = found.keys() <= set(CELLS[module.cells[0]].states)
    if (
        not found
        or not known
        or any(arrays[n].size != n_rows * widths[s] for s, n in found.items())
    ):
        return module
    about = ", ".join(found.values())
    question = ImportQuestion("initial_states", ("learned", "zeros"), "learned", about)
    module = replace(
        module, asked=(*module.asked, question), used=module.used.union(found.values())
    )
    if question.choose(answers) == "zeros":
        return module
    rows = {
        state: finite_floats(name, arrays[name], answers).reshape(n_rows, -1)
        for state, name in found.items()
    }
    directions = (
        replace(each, initial={state: block[i] for state, block in rows.items()})
        for i, each in enumerate(module.directions)
    )
    return replace(module, directions=tuple(directions))


def _state(word: str) -> str:
    return "cell" if word.lower().startswith("c") else "hidden"
