"""Statements of a file's settings on its recurrent modules: evidence, or a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from rnnviz.core.activations import ACTIVATIONS
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.recurrent import ModuleStack, RecurrentModule
from rnnviz.readers.result import Answers, ImportQuestion
from rnnviz.readers.settings import HyperParameter, HyperParameters, PlainValue

_ARRAYS, _SETTINGS = "arrays", "settings"
_TORCH = ("tanh", "relu")
_CELLS = {
    **{"lstm": "lstm", "lstmcell": "lstm", "bilstm": "lstm", "lstm_layer": "lstm"},
    **{"gru": "gru", "grucell": "gru", "bigru": "gru", "gru_layer": "gru"},
    **dict.fromkeys(("rnn", "rnncell", "rnn_tanh", "rnn_relu", "simplernn", "elman"), "rnn"),
    **{"basicrnncell": "rnn", "basiclstmcell": "lstm", "vanilla_rnn": "rnn"},
}
_MAX_NAMED = 3


def with_settings(
    modules: tuple[RecurrentModule, ...], settings: Sequence[HyperParameters]
) -> tuple[RecurrentModule, ...]:
    """The modules with what the settings say and the arrays leave open.

    >>> with_settings((), ())
    ()
    """
    if not settings:
        return modules
    return tuple(
        _with_cell(_with_activations(each, modules, settings), settings) for each in modules
    )


def with_contradictions(
    stacks: Iterable[ModuleStack],
    settings: Sequence[HyperParameters],
    answers: Answers,
    source: str,
) -> tuple[ModuleStack, ...]:
    """The stacks, with a question where the settings describe another network than their arrays.

    Raises ModelError where the settings are answered to be right.
    """
    stacks = tuple(stacks)
    against = list(dict.fromkeys(str(each) for each in _contradictions(stacks, settings)))
    if not against:
        return stacks
    named = shown(", ".join(against[:_MAX_NAMED]), 200)
    taken = Assumption("settings", named)
    question = ImportQuestion("settings", (_ARRAYS, _SETTINGS), _ARRAYS, named, taken)
    if question.choose(answers) == _SETTINGS:
        raise ModelError(
            "“{source}” should hold the network that its settings describe ({named}), but its"
            " arrays make another one; open the weights that belong to the settings, or read the"
            ' arrays as they are with the answer settings="arrays".',
            source=shown(source, 80),
            named=named,
        )
    return tuple(replace(stack, asked=(*stack.asked, question)) for stack in stacks)


def _with_activations(
    module: RecurrentModule, modules: Sequence[RecurrentModule], settings: Sequence[HyperParameters]
) -> RecurrentModule:
    """The module whose activation is stated, or asked about with what seems to be stated."""
    module = replace(module, asked=tuple(map(partial(_likelier, settings), module.asked)))
    is_open = any(question.name == "activation" for question in module.questions)
    is_torchs = module.style in ("torch", "torch_cell")
    if module.cells[0] != "rnn" or not is_open or not is_torchs:
        return module
    near = [y for y in settings if not y.is_beside or _fits(y, module) is not False]
    stated = [(each, found) for each in near for found in _nonlinearities(each)]
    firm = [y for each, y in stated if _fits(each, module) or _is_alone(each, module)]
    values = {_activation(found.value) for found in firm}
    if len(modules) == 1 and len(values) == 1 and values <= {*_TORCH}:
        note = {"activations": str(firm[0])}
        return replace(module, activation=values.pop(), said={**module.said, **note})
    loose = [found for _, found in stated] or [y for x in near for y in x.named("activation")]
    if not loose:
        return module
    options = dict.fromkeys((*_TORCH, *(_activation(y.value) for y in loose)))
    known = tuple(name for name in options if name in ACTIVATIONS)
    likely = next((y for y in map(_activation, (y.value for y in loose)) if y in known), known[0])
    question = ImportQuestion("activation", known, likely, ", ".join(map(str, loose[:_MAX_NAMED])))
    return replace(module, asked=(*module.asked, question))


def _is_alone(settings: HyperParameters, module: RecurrentModule) -> bool:
    """True for settings in the model's own file that say no size."""
    return not settings.is_beside and _fits(settings, module) is None


def _nonlinearities(settings: HyperParameters) -> Iterator[HyperParameter]:
    """What says the activation of a simple RNN: a nonlinearity, or "RNN_RELU"."""
    yield from settings.named("nonlinearity")
    yield from (each for each in settings.named("cell") if "rnn_" in str(each.value).lower())


def _activation(value: PlainValue) -> str:
    return str(value).lower().rpartition(".")[2].removeprefix("rnn_")


def _likelier(settings: Sequence[HyperParameters], question: ImportQuestion) -> ImportQuestion:
    """The question with what the settings say under its own name as the likely answer."""
    for each in settings:
        for found in each.named(question.name):
            value = str(found.value).lower()
            if value in question.options and not question.about:
                return replace(question, likely=value, about=str(found))
    return question


def _with_cell(module: RecurrentModule, settings: Sequence[HyperParameters]) -> RecurrentModule:
    """The module of fewer cells, where it may be several and the settings say which."""
    cells = module.cells
    notes: list[str] = []
    for each in settings:
        if each.is_beside and not _fits(each, module):
            continue
        for found in (*each.named("cell"), *each.named("reset_after")):
            left = tuple(cell for cell in cells if _is_said(found, cell))
            if left and left != cells:
                cells, notes = left, [*notes, str(found)]
    return (
        replace(module, cells=cells, said={**module.said, "cell": notes[-1]}) if notes else module
    )


def _is_said(found: HyperParameter, cell: str) -> bool:
    if found.name == "reset_after":
        return (cell == "gru_reset_after") is bool(found.value)
    family = _family(found)
    return family is None or _family_of(cell) == family


def _family(found: HyperParameter) -> str | None:
    return _CELLS.get(str(found.value).lower().rpartition(".")[2])


def _family_of(cell: str) -> str:
    return next((family for family in ("lstm", "gru", "rnn") if family in cell), cell)


def _fits(settings: HyperParameters, module: RecurrentModule) -> bool | None:
    """Whether the settings are of a layer of as many units; None where they say no number."""
    sizes = {found.value for found in settings.named("units") if type(found.value) is int}
    widths = {each.n_units for each in module.directions} | {y.n_outputs for y in module.directions}
    return bool(sizes & widths) if sizes else None


def _contradictions(
    stacks: Sequence[ModuleStack], settings: Sequence[HyperParameters]
) -> Iterator[HyperParameter]:
    modules = [module for stack in stacks for module in stack.modules]
    for each in settings:
        fits = {_fits(each, module) for module in modules}
        if True in fits or (None in fits and not each.is_beside):
            yield from _against(each, stacks, modules, is_sure=True in fits)


def _against(
    settings: HyperParameters,
    stacks: Sequence[ModuleStack],
    modules: Sequence[RecurrentModule],
    is_sure: bool,
) -> Iterator[HyperParameter]:
    """Settings that no stack and no module is as they say."""
    cells = {cell for module in modules for cell in module.cells}
    families = {_family_of(cell) for cell in cells}
    both = {len({y.direction for y in m.directions}) > 1 for m in modules}
    levels = [stack.modules for stack in stacks]
    counts = {module.n_levels for module in modules}
    counts |= {sum(m.n_levels for m in each) for each in (*levels, modules)}
    for found in settings.entries:
        value = found.value
        is_against = {
            "cell": _family(found) is not None and _family(found) not in families,
            "bidirectional": type(value) is bool and value not in both,
            "levels": is_sure and type(value) is int and value not in counts,
            "projection": type(value) is int and (value > 0) is not ("lstm_projected" in cells),
            "changes": is_sure and type(value) is not str and bool(value),
        }
        if is_against.get(found.name):
            yield found
