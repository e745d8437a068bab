"""A vocabulary that comes as a file, with a model or after it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.bounded.limits import reading_limits
from rnnviz.bounded.run import run_bounded
from rnnviz.core.checks import shown
from rnnviz.errors import InputError, RnnvizError
from rnnviz.network.model import Model
from rnnviz.readers.result import Source
from rnnviz.ui import state
from rnnviz.ui.controls.notice import MODEL_NOTICE, Notice, put_notice
from rnnviz.ui.kept_files import keep_file
from rnnviz.ui.text import t
from rnnviz.ui.url import File

_KEY = "vocabulary_uploader"


def vocabulary_uploader(model: Model) -> None:
    """The field for the vocabulary of the model that is open, where it has none."""
    if model.vocabulary is not None:
        return
    rows = model.n_inputs if model.embedding is None else len(model.embedding)
    st.file_uploader(
        t("vocab.file"), key=_KEY, on_change=_use_upload, args=(rows,), help=t("vocab.file.help")
    )


def _use_upload(rows: int) -> None:
    given = st.session_state[_KEY]
    if given is not None:
        take_vocabulary(File(given.name, given.getvalue()), rows)


def take_vocabulary(file: File, rows: int) -> None:
    """Read the open model with a vocabulary beside it; one that does not fit changes nothing.

    rows  of the model's embedding, or its inputs.
    """
    from rnnviz.readers.vocabulary_files import vocabulary_file_name

    model = state.uploaded_model()
    if model is None:
        return
    try:
        _check(file, rows)
        name = vocabulary_file_name(file.name)
        others = (each for each in model.beside if each.name != name)
        whole = replace(model, beside=(*others, File(name, file.data)))
        keep_file(whole)
    except RnnvizError as error:
        put_notice(MODEL_NOTICE, Notice(error))
        return
    put_notice(MODEL_NOTICE, None)
    state.put(modelfile=whole, vocab="")


def _check(file: File, rows: int) -> None:
    """Raise RnnvizError for a file without a vocabulary that fits; read in a bounded process."""
    from rnnviz.readers.vocabulary_files import vocabularies_in_file

    found = run_bounded(
        vocabularies_in_file,
        Source(file.name, file.data),
        name=file.name,
        error=InputError,
        limits=reading_limits(len(file.data)),
    )
    for rule in (each.pieces for each in found if each.pieces):
        raise InputError(
            "“{name}” splits words into pieces ({rule}), by rules that are not read here; have the"
            " tokenizer itself turn the text into token ids, and type those as words.",
            name=shown(file.name),
            rule=rule,
        )
    if not any(each.fits(rows) for each in found):
        raise _refusal(file, rows, [len(one.tokens) for one in found])


def _refusal(file: File, rows: int, came: list[int]) -> InputError:
    if not came:
        return InputError(
            "“{name}” should hold a vocabulary, a token a line or a list or table in JSON, but it"
            " holds none; choose another file.",
            name=shown(file.name),
        )
    if rows in came:
        return InputError(
            "A vocabulary needs another token for each of the {rows} inputs or embedding rows, but"
            " “{name}” has some twice; choose another file.",
            rows=rows,
            name=shown(file.name),
        )
    return InputError(
        "A vocabulary needs a token for each of the {rows} inputs or embedding rows, but “{name}”"
        " has {came}; choose another file.",
        rows=rows,
        name=shown(file.name),
        came=max(came),
    )
