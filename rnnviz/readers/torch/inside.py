"""Parameters inside a module that make it another of our cells.

Peepholes: Gers & Schmidhuber 2000, under the names `w_ci w_cf w_co` or `w_i_diag w_f_diag w_o_diag`
(`tf.nn.rnn_cell.LSTMCell`). Layer normalisation: Ba et al. 2016, eqs. 20–22, with one norm of the
input's products, one of the recurrent ones and one of the cell state.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.readers.beside import Surroundings, n_units_of, path_parts
from rnnviz.readers.recurrent import RecurrentModule
from rnnviz.readers.result import Answers, ImportQuestion
from rnnviz.readers.tensors import finite_floats
from rnnviz.readers.torch.initial_states import with_initial_states

_PEEPHOLE = re.compile(
    r"(?:w|weight|p|peephole|peep)_?c_?(?P<gate>[ifo])|(?:w_)?(?P<diag>[ifo])_diag"
    r"|(?:p|peephole|peep)_?(?P<short>[ifo])",
    re.IGNORECASE,
)
_GATES = {"i": "input", "f": "forget", "o": "output"}
_NORM_PLACES = {
    "x": re.compile(r"(?:^|_)(?:ih|x|i2h|x2h|input|wx|xh)$"),
    "h": re.compile(r"(?:^|_)(?:hh|h2h|recurrent|rec|wh)$"),
    "c": re.compile(r"(?:^|_)(?:c|cell|cx|cy|co|hc|ho|state)$"),
}
_GAINS, _SHIFTS = ("weight", "gamma", "gain", "scale"), ("bias", "beta", "shift", "offset")


def with_parameters_inside(
    module: RecurrentModule,
    around: Surroundings,
    arrays: Mapping[str, Array],
    answers: Answers,
) -> RecurrentModule:
    """The module with what lies under its own path, as far as a rule understands it.

    arrays  all of the file.

    Raises ModelError naming an array that is not finite.
    """
    names = {
        ".".join(path_parts(name)[len(path_parts(module.path)) :]): name
        for name in around.under(path_parts(module.path))
    }
    for rule in (_with_peepholes, _with_layer_norm):
        module = rule(module, names, arrays, answers)
    # The model's own parameters, h0 beside its lstm, may be its initial states as well.
    near = {path_parts(name)[-1]: name for name in around.beside(path_parts(module.path))}
    return with_initial_states(module, near | names, arrays, answers)


def _with_peepholes(
    module: RecurrentModule, names: Mapping[str, str], arrays: Mapping[str, Array], answers: Answers
) -> RecurrentModule:
    found = {name: _PEEPHOLE.fullmatch(inside) for inside, name in names.items()}
    gates = {
        _GATES[(match["gate"] or match["diag"] or match["short"]).lower()]: name
        for name, match in found.items()
        if match and arrays[name].size == n_units_of(module)
    }
    if (
        module.cells != ("lstm",)
        or len(module.directions) > 1
        or gates.keys() < {"input", "forget"}
    ):
        return module
    peepholes = {
        f"{gate}.p": finite_floats(name, arrays[name], answers).reshape(-1)
        for gate, name in gates.items()
    }
    return _another_cell(module, "lstm_peephole", peepholes, gates.values())


def _with_layer_norm(
    module: RecurrentModule, names: Mapping[str, str], arrays: Mapping[str, Array], answers: Answers
) -> RecurrentModule:
    norms = dict(_norms(names))
    sizes = {"x": 4 * n_units_of(module), "h": 4 * n_units_of(module), "c": n_units_of(module)}
    roles = {"x": ("gx", "sx"), "h": ("gh", "sh"), "c": ("g", "s")}
    is_known = module.cells == ("lstm",) and {(place, True) for place in sizes} <= norms.keys()
    if not is_known or any(arrays[n].shape != (sizes[place],) for (place, _), n in norms.items()):
        return module
    if any(np.any(w) for name, w in module.arrays.items() if "bias" in name):
        # A bias is added before the norm or after it, and no array tells which.
        return module
    about = ", ".join(sorted({name.rpartition(".")[0] for name in norms.values()}))
    question = ImportQuestion("cell", ("lstm_layer_norm", "lstm"), "lstm_layer_norm", about)
    module = replace(module, asked=(*module.asked, question))
    if question.choose(answers) == "lstm":
        return replace(module, used=module.used.union(norms.values()))
    weights: dict[str, Array] = {}
    for (place, is_gain), name in norms.items():
        array = finite_floats(name, arrays[name], answers)
        gates = ("cell",) if place == "c" else GATE_ORDER["torch"]["lstm"]
        role = roles[place][0 if is_gain else 1]
        blocks = array.reshape(len(gates), -1)
        weights |= {f"{gate}.{role}": block for gate, block in zip(gates, blocks, strict=True)}
    return _another_cell(module, "lstm_layer_norm", weights, norms.values())


def _norms(names: Mapping[str, str]) -> Iterator[tuple[tuple[str, bool], str]]:
    """Arrays of the three norms, by place and by whether it is the gain."""
    for inside, name in names.items():
        stem, _, leaf = inside.rpartition(".")
        if leaf in _GAINS or leaf in _SHIFTS:
            for place, pattern in _NORM_PLACES.items():
                if pattern.search(stem):
                    yield (place, leaf in _GAINS), name


def _another_cell(
    module: RecurrentModule, cell: str, more: Mapping[str, Array], used: Iterable[str]
) -> RecurrentModule:
    """The module as another cell, with more weights; torch.nn has no such layer."""
    known = CELLS[cell].params_by_name
    kept = {n: w for n, w in module.directions[0].weights.items() if n in known}
    return replace(
        module,
        style="named",
        cells=(cell,),
        directions=(replace(module.directions[0], weights={**kept, **more}),),
        used=module.used.union(used),
        cell_origin="names",
    )
