"""Which model is open, the card of what was found in it, and what its file does not say."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.parity import Parity
from rnnviz.pretrained.registry import pretrained_model, pretrained_models
from rnnviz.readers.read import SUFFIXES
from rnnviz.readers.result import ImportQuestion, ImportResult, ReportRow
from rnnviz.train.presets import preset, presets
from rnnviz.ui import build, results, state
from rnnviz.ui.selections import OpenedChoice
from rnnviz.ui.text import escaped, said, t
from rnnviz.ui.url import File, hold
from rnnviz.ui.widget_keys import heard, shows

MAX_UPLOAD = 200
FILE = "file"
_NOTICE = "model_notice"
_READ = "last_word_read"
_OPTIONS = ("stacked", "separate", "none")
_FRESH = ("part", "answers", "moment", "vocab", "says", "layer", "feed", "only", "show")


def opened_controls() -> None:
    """The list of models, and the upload beside it."""
    _check_link()
    options = _options()
    state.settle("model", options)
    st.selectbox(
        t("model"),
        options,
        options.index(state.get("model")),
        format_func=_title,
        key=state.widget("model"),
        on_change=_fresh,
        label_visibility="collapsed",
    )
    with st.popover(t("model.upload"), icon=":material/upload_file:"):
        st.file_uploader(
            t("model.upload.label"),
            type=[suffix.lstrip(".") for suffix in SUFFIXES],
            key="model_uploader",
            on_change=_take_upload,
            max_upload_size=MAX_UPLOAD,
            help=t("model.upload.help"),
        )


def opened() -> OpenedChoice | None:
    """The model that is chosen, or None, with a sentence, where it cannot be opened."""
    if notice := st.session_state.get(_NOTICE):
        st.warning(said(notice), icon=":material/error:")
    choice = _chosen()
    if choice.origin == "zoo" and not pretrained_model(choice.name).is_installed:
        _not_installed(choice.name)
        return None
    if choice.origin == "preset":
        choice = _at_a_moment_kept(choice)
    with st.spinner(t("model.opening"), show_time=True):
        choice = _openable(choice)
    return _settled(choice)


def uploaded() -> OpenedChoice | None:
    """The file that was uploaded, as Your model has it; None where none can be read."""
    file = state.get("modelfile")
    if file is None:
        return None
    choice = replace(_chosen(), origin=FILE, name="", file=file, moment=-1, word="")
    try:
        results.import_result(choice)
    except RnnvizError:
        return None
    return choice


def _at_a_moment_kept(choice: OpenedChoice) -> OpenedChoice:
    state.settle("moment", range(-1, len(build.versions(choice.name))))
    return replace(choice, moment=state.get("moment"))


def _openable(choice: OpenedChoice) -> OpenedChoice:
    """The choice, or, after a sentence, the same without what cannot be had of it."""
    try:
        results.stacks_in(choice)
    except RnnvizError as error:
        st.warning(said(error), icon=":material/error:")
        return _without_asking(choice)
    state.put(**{_READ: choice.word})
    return choice


def _without_asking(choice: OpenedChoice) -> OpenedChoice:
    """The last word that could be read, and no answers: a link may bring any."""
    state.start_over("answers")
    word = st.session_state.get(_READ) or _example(choice)
    plain = replace(choice, answers=(), word=word if choice.origin == "zoo" else "")
    try:
        results.stacks_in(plain)
    except RnnvizError:
        # The word was another model's.
        return replace(plain, word=_example(choice))
    return plain


def _example(choice: OpenedChoice) -> str:
    return pretrained_model(choice.name).examples[0] if choice.origin == "zoo" else ""


def card(choice: OpenedChoice) -> None:
    """What was found, in one line; folded out every fact, its origin, and what may be otherwise."""
    found = results.import_result(choice)
    _parts(choice)
    left, right = st.columns([3, 2], gap="medium")
    with right:
        _moments(choice)
        _proof(choice, found)
    with left, st.expander(_summary(found), icon=":material/fact_check:"):
        _story(choice)
        if found.report:
            st.table({t(name): _column(found.report, name) for name in ("fact", "found", "from")})
        for question in found.questions:
            _ask(question)
        _vocabulary(found)


def _story(choice: OpenedChoice) -> None:
    """Where a model on the list comes from, and how good it is."""
    language = state.get("lang")
    if choice.origin == "zoo":
        one = pretrained_model(choice.name)
        st.markdown(t("zoo.story", package=one.package.name, licence=one.licence, home=one.home))
    if choice.origin == "preset":
        one_ = preset(choice.name)
        measured = {name: f"{getattr(one_, name):.3g}" for name in ("held_out", "chance")}
        before = f"{one_.before_training:.3g}"
        st.markdown(escaped(one_.about[language]))
        metric = t(f"curve.{one_.metric}")
        st.markdown(t("preset.story", metric=metric, before=before, **measured))
        st.caption(f"{escaped(one_.data[language])} · {escaped(one_.licence)}")


def _options() -> list[str]:
    files = [FILE] if state.get("modelfile") else []
    made_here = [f"preset:{one.name}" for one in presets()]
    return [*files, *made_here, *(f"zoo:{one.name}" for one in pretrained_models())]


def _title(option: str) -> str:
    origin, _, name = option.partition(":")
    if origin == FILE:
        return str(state.get("modelfile").name)
    language = state.get("lang")
    if origin == "zoo":
        return f"{pretrained_model(name).title[language]} · {t('model.published')}"
    return next(one.title[language] for one in presets() if one.name == name)


def _chosen() -> OpenedChoice:
    origin, _, name = str(state.get("model")).partition(":")
    answers = (answer.partition("=") for answer in state.get("answers"))
    return OpenedChoice(
        origin=origin,
        name=name,
        file=state.get("modelfile") if origin == FILE else None,
        part=state.get("part"),
        answers=tuple((question, option) for question, _, option in answers),
        vocabulary=_tokens(state.get("vocab")),
        moment=state.get("moment"),
        word=_word(name) if origin == "zoo" else "",
        backend=state.get("backend"),
    )


def _word(name: str) -> str:
    return str(state.get("says")).strip() or pretrained_model(name).examples[0]


def _settled(choice: OpenedChoice) -> OpenedChoice:
    """With a part that there is, and a vocabulary that fits."""
    every = results.stacks_in(choice)
    state.settle("part", [one.name for one in every])
    return _fitting(replace(choice, part=state.get("part")))


def _fitting(choice: OpenedChoice) -> OpenedChoice:
    try:
        results.import_result(choice)
    except RnnvizError as error:
        st.warning(said(error), icon=":material/error:")
        return replace(choice, vocabulary=())
    return choice


def _tokens(text: str) -> tuple[str, ...]:
    """A token a line, or, of a single line, a token a character."""
    lines = [line for line in text.split("\n") if line]
    return tuple(lines) if len(lines) != 1 else tuple(lines[0])


def _parts(choice: OpenedChoice) -> None:
    names = [one.name for one in results.stacks_in(choice)]
    if len(names) > 1:
        st.segmented_control(
            t("part"),
            names,
            default=state.get("part"),
            key=state.widget("part"),
            required=True,
            label_visibility="collapsed",
        )


def _summary(found: ImportResult) -> str:
    model = found.model
    levels = len(model.levels)
    arrows = "".join({"forward": "→", "backward": "←"}[y.direction] for y in model.levels[0])
    cells = dict.fromkeys(t(f"cell.{layer.cell_name}") for layer in model.layers)
    return t(
        "model.summary",
        cell=" + ".join(cells),
        layers=t("model.layers", n=levels),
        arrows=arrows,
        inputs=model.n_inputs,
        units=model.layers[0].n_units,
        numbers=f"{model.n_parameters:,}",
    )


def _proof(choice: OpenedChoice, found: ImportResult) -> None:
    if found.reference is None:
        return
    with st.spinner(t("proof.working"), show_time=True):
        proof = results.parity(choice)
    st.markdown(_proved(proof) if proof is not None else t("proof.none"))


def _proved(proof: Parity) -> str:
    largest = f"{proof.largest:.1e}"
    return t("proof", largest=largest, size=f"{proof.size:.2g}", steps=proof.n_steps)


def _column(facts: tuple[ReportRow, ...], column: str) -> list[str]:
    words = {
        "fact": [t(f"fact.{fact.name}") for fact in facts],
        "found": [escaped(fact.value) for fact in facts],
        "from": [t(f"origin.{fact.origin}") for fact in facts],
    }
    return words[column]


def _ask(question: ImportQuestion) -> None:
    answered = dict(answer.partition("=")[::2] for answer in state.get("answers"))
    chosen = answered.get(question.name, question.likely)
    if chosen not in question.options:
        chosen = question.likely
    key = shows(f"ask_{question.name}", chosen)
    st.selectbox(
        t(f"ask.{question.name}"),
        question.options,
        question.options.index(chosen),
        key=key,
        on_change=heard,
        args=(key, _answer, question.name, key),
        format_func=lambda option: _option(option, question.likely),
    )


def _option(option: str, likely: str) -> str:
    words = t(f"option.{option}") if option in _OPTIONS else option
    return f"{words} ({t('likely')})" if option == likely else words


def _answer(name: str, key: str) -> None:
    others = [a for a in state.get("answers") if a.partition("=")[0] != name]
    state.put(answers=[*others, f"{name}={st.session_state[key]}"])


def _vocabulary(found: ImportResult) -> None:
    model = found.model
    if model.vocabulary is not None and not state.get("vocab"):
        st.caption(t("vocab.known", tokens=escaped(" ".join(model.vocabulary[:80]))))
        return
    rows = model.n_inputs if model.embedding is None else len(model.embedding)
    label, given = t("vocab", rows=rows), state.get("vocab")
    st.text_area(label, given, key=state.widget("vocab"), help=t("vocab.help"))


def _moments(choice: OpenedChoice) -> None:
    if choice.origin != "preset":
        return
    steps = [step for step, _ in build.versions(choice.name)]
    st.select_slider(
        t("moment"),
        [*range(len(steps) - 1), -1],
        state.get("moment"),
        format_func=lambda moment: t("moment.step", step=f"{steps[moment]:,}"),
        key=state.widget("moment"),
        help=t("moment.help"),
    )


def _not_installed(name: str) -> None:
    one = pretrained_model(name)
    st.info(t("zoo.install", package=one.package.name, licence=one.licence))
    st.code('pip install "rnnviz[zoo]"', language="bash")


def _check_link() -> None:
    file = state.get("modelfile")
    if file is None or state.get("model") != FILE:
        return
    try:
        results.stacks_in(_chosen())
    except RnnvizError as error:
        state.put(modelfile=None, model="", **{_NOTICE: error})


def _take_upload() -> None:
    given = st.session_state["model_uploader"]
    if given is None:
        return
    file = File(given.name, given.getvalue())
    try:
        hold(file)
        results.stacks_in(OpenedChoice(FILE, "", file, "", (), (), -1, "", "numpy"))
    except RnnvizError as error:
        # What was open before stays open: a file that cannot be read changes but the notice.
        state.put(**{_NOTICE: error})
        return
    _fresh()
    state.put(modelfile=file, model=FILE)


def _fresh() -> None:
    state.put(**{_NOTICE: None})
    state.start_over(*_FRESH)
    state.jump(None)
