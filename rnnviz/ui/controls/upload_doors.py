"""Purpose of a file: an input or a model. One at the wrong door is offered the right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from rnnviz.core.checks import shown
from rnnviz.errors import InputError, MappingNeeded, ModelError, RnnvizError
from rnnviz.inputs.files import Text, input_suffix
from rnnviz.ui import places, results, state, visible_range
from rnnviz.ui.choices import FILE, UNTRAINED
from rnnviz.ui.controls.mapping import NamedSlots, ask_mapping
from rnnviz.ui.controls.notice import (
    INPUT_NOTICE,
    MODEL_NOTICE,
    Notice,
    Offer,
    put_notice,
)
from rnnviz.ui.kept_files import LostFile, keep_file
from rnnviz.ui.selections import ModelFile
from rnnviz.ui.url import File

MAX_UPLOAD = 50
MAX_TYPED = 20_000
MAX_MODEL_TEXT = 2_000
# What is folded out over the page, and folds up when a file came.
INPUT_UPLOAD, MODEL_LIST = "upload_open", "model_list"
_MEANT_FOR = "upload_meant_for"
# By question the words of the answer that lifts a refusal.
_LIFTS = {"beside": "lift.beside", "nan": "lift.nan"}
ChosenAnswers = tuple[tuple[str, str], ...]


def take_input(file: File) -> None:
    """Read a file as the input, a short text in the field; what cannot be read changes nothing."""
    state.put(**{INPUT_UPLOAD: False, MODEL_LIST: False})
    try:
        content = _checked_input(file)
    except RnnvizError as error:
        put_notice(INPUT_NOTICE, _refused_input(file, error))
        return
    if _is_back(file):
        put_notice(INPUT_NOTICE, None)
        state.put(upload=file)
        return
    clear_input()
    put_notice(MODEL_NOTICE, None)
    field, max_chars = input_field()
    state.put(feed="own", **{_MEANT_FOR: state.chosen_model()})
    if isinstance(content, Text):
        state.put(kind="characters")
    if isinstance(content, Text) and len(content.text) <= max_chars:
        state.put(**{field: content.text})
    else:
        state.put(upload=file)


def is_meant_for_this_model() -> bool:
    """True when the uploaded input came while the chosen model was."""
    return st.session_state.get(_MEANT_FOR) == state.chosen_model()


def input_field() -> tuple[str, int]:
    """The field that the chosen model reads from, and the characters that it takes."""
    if state.chosen_model() == UNTRAINED:
        return "text", MAX_TYPED
    return "says", MAX_MODEL_TEXT


def clear_input() -> None:
    """Leave the file, and all that was chosen for it."""
    put_notice(INPUT_NOTICE, None)
    if state.get("kind") == "signal":
        state.restore_defaults("kind", "text")
    state.put(upload=None, columns=[], axis="", reading=[])
    visible_range.reset_range()
    state.move_cursor(None)


def missing_model() -> LostFile | None:
    """The model that is chosen and that the server no longer has."""
    return state.lost_model() if state.chosen_model() == FILE else None


def take_model(file: File, answers: ChosenAnswers = (), names: NamedSlots = ()) -> None:
    """Open a model, or ask which array is which; what cannot be read changes nothing."""
    state.put(**{INPUT_UPLOAD: False, MODEL_LIST: False})
    try:
        keep_file(file)
        results.import_results_of(ModelFile(file, answers, names))
    except MappingNeeded as error:
        ask_mapping(file, error)
    except RnnvizError as error:
        put_notice(MODEL_NOTICE, refused_model(file, error, answers, names))
    else:
        _open(file, answers, names)


def refused_model(
    file: File, error: RnnvizError, answers: ChosenAnswers = (), names: NamedSlots = ()
) -> Notice:
    """The refusal of a model, with the answer that would lift it, or with the door for inputs."""
    if offers := lifting_offers(take_model, file, error, answers, names):
        return Notice(error, offers)
    if not _is_input_name(file):
        return Notice(error, () if _may_be_model(file) else tuple(_other_readings(file)))
    if not _can_be_input(file):
        return Notice(error)
    said = ModelError(
        "A model was expected, but “{name}” is a text, a table or an array; read it as the input.",
        name=shown(file.name),
    )
    return Notice(said, (Offer("door.input", take_input, (file,), file.name),))


def lifting_offers(
    take: Callable[..., None],
    file: File,
    error: RnnvizError,
    answers: ChosenAnswers,
    names: NamedSlots,
) -> tuple[Offer, ...]:
    """The button that takes a refused file with the answer that lifts its refusal, if one does."""
    answer = _lifting(error)
    if answer is None or answer in answers:
        return ()
    return (Offer(_LIFTS[answer[0]], take, (file, (*answers, answer), names)),)


def _lifting(error: RnnvizError) -> tuple[str, str] | None:
    answer: tuple[str, str] | None = error.facts.get("lifted_by")
    return answer


def _open(file: File, answers: ChosenAnswers, names: NamedSlots) -> None:
    put_notice(MODEL_NOTICE, None)
    put_notice(INPUT_NOTICE, None)
    lost = state.lost_model()
    if lost is not None and lost.digest == file.digest:
        state.put(modelfile=file)
        return
    places.switch_model(
        FILE,
        file,
        answers=spelled(answers),
        names=spelled(names),
    )


def spelled(pairs: tuple[tuple[str, str], ...]) -> list[str]:
    """Answers or names as the address has them.

    >>> spelled((("cell", "gru"),))
    ['cell=gru']
    """
    return [f"{name}={value}" for name, value in pairs]


def _is_back(file: File) -> bool:
    lost = state.lost_input()
    return lost is not None and lost.digest == file.digest


def _checked_input(file: File) -> object:
    # The browser checks this too, but other clients need not.
    if len(file.data) > MAX_UPLOAD * 2**20:
        raise InputError(
            "“{name}” should have at most {bound} MB, but it has {came}; choose a part of it.",
            name=file.name,
            bound=MAX_UPLOAD,
            came=len(file.data) >> 20,
        )
    content = results.content_of(file)
    keep_file(file)
    return content


def _refused_input(file: File, error: RnnvizError) -> Notice:
    if _may_be_model(file) or not _is_input_name(file):
        refused = _refusal_as_model(file)
        if refused is None:
            said = InputError(
                "A text, a table or an array was expected, but “{name}” is a model; open it as"
                " one.",
                name=shown(file.name),
            )
            return Notice(said, (Offer("door.model", take_model, (file,), file.name),))
        if _may_be_model(file) and not _is_input_name(file):
            return Notice(refused)
    return Notice(error, tuple(_other_readings(file)))


def _refusal_as_model(file: File) -> RnnvizError | None:
    """Refusal of a file as a model; None for one that opens, after a question or an answer."""
    try:
        results.import_results_of(ModelFile(file))
    except MappingNeeded:
        return None
    except RnnvizError as error:
        return error if _lifting(error) is None else None
    return None


def _other_readings(file: File) -> Iterator[Offer]:
    """A file of an unknown kind as a table and as a text, where it can be read as such."""
    if _is_input_name(file):
        return
    for word, suffix in (("door.table", ".csv"), ("door.text", ".txt")):
        renamed = replace(file, name=f"{file.name}{suffix}")
        if _can_be_input(renamed):
            yield Offer(word, take_input, (renamed,), file.name)


def _may_be_model(file: File) -> bool:
    from rnnviz.readers.formats import MODEL_SUFFIXES, OTHER_SUFFIXES

    return PurePath(file.name).suffix.lower() in (*MODEL_SUFFIXES, *OTHER_SUFFIXES)


def _can_be_input(file: File) -> bool:
    try:
        results.content_of(file)
    except RnnvizError:
        return False
    return True


def _is_input_name(file: File) -> bool:
    try:
        input_suffix(file.name)
    except InputError:
        return False
    return True
