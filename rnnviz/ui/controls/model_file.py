"""Choice of an opened model, its import report, and the questions that its file leaves open."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.pretrained.registry import pretrained_model, pretrained_models
from rnnviz.readers.read import MODEL_SUFFIXES
from rnnviz.readers.result import ImportQuestion, ImportResult, ReportRow
from rnnviz.train.presets import preset, presets
from rnnviz.ui import results, state
from rnnviz.ui.build import preset_moments
from rnnviz.ui.controls.widgets import moment_field, segments, select
from rnnviz.ui.last_good import LastGood
from rnnviz.ui.selections import ModelFile, ModelOrigin, OpenedModel, PresetModel, PublishedModel
from rnnviz.ui.text import escape_markdown, t, warn
from rnnviz.ui.url import File, count_upload
from rnnviz.ui.widget_keys import keyed, on_user_change

MAX_MODEL_UPLOAD = 200
FILE = "file"
_NOTICE = "model_notice"
_LAST_TEXT: LastGood[str] = LastGood("last_published_text")
_OPTIONS = ("stacked", "separate", "none")
_OF_ONE_MODEL = ("part", "answers", "moment", "vocab", "says", "layer", "feed", "only", "show")


def model_file_controls() -> None:
    """The list of models, and the upload beside it."""
    _check_link()
    options = _options()
    state.fall_back("model", options)
    select(
        "model",
        options,
        text=_title,
        is_labelled=False,
        has_help=False,
        on_change=_clear_choices,
    )
    with st.popover(t("model.upload"), icon=":material/upload_file:"):
        st.file_uploader(
            t("model.upload.label"),
            type=[suffix.lstrip(".") for suffix in MODEL_SUFFIXES],
            key="model_uploader",
            on_change=_use_upload,
            max_upload_size=MAX_MODEL_UPLOAD,
            help=t("model.upload.help"),
        )


def settled_model() -> OpenedModel | None:
    """The chosen model, with a part and a vocabulary that it can have.

    None, after a message, where it cannot be opened.
    """
    if notice := st.session_state.get(_NOTICE):
        warn(notice)
    origin = _origin()
    if isinstance(origin, PublishedModel) and not pretrained_model(origin.name).is_installed:
        _not_installed(origin.name)
        return None
    with st.spinner(t("model.opening"), show_time=True):
        origin = _openable(origin)
        stacks = results.import_results_of(origin)
    state.fall_back("part", [one.name for one in stacks])
    return _with_vocabulary(OpenedModel(origin, state.get("part"), backend=state.get("backend")))


def readable_upload() -> OpenedModel | None:
    """The uploaded model with Your model's choices; None where there is none that can be read."""
    file = state.uploaded_model()
    if file is None:
        return None
    vocabulary = _tokens(state.text_of("vocab"))
    model = OpenedModel(
        ModelFile(file, _answers()), state.get("part"), vocabulary, state.get("backend")
    )
    try:
        results.import_result_of(model)
    except RnnvizError:
        return None
    return model


def _origin() -> ModelOrigin:
    kind, _, name = state.text_of("model").partition(":")
    file = state.uploaded_model()
    if kind == FILE and file is not None:
        return ModelFile(file, _answers())
    if kind == "zoo":
        return PublishedModel(
            name, state.text_of("says").strip() or pretrained_model(name).examples[0]
        )
    state.fall_back("moment", range(-1, len(preset_moments(name))))
    return PresetModel(name, state.get("moment"))


def _openable(origin: ModelOrigin) -> ModelOrigin:
    """The model, or, after a warning, the model without the choices that make it fail."""
    try:
        results.import_results_of(origin)
    except RnnvizError as error:
        warn(error)
        # A link may bring any answers.
        state.restore_defaults("answers")
        return _plain(origin)
    if isinstance(origin, PublishedModel):
        _LAST_TEXT.remember(origin.text)
    return origin


def _plain(origin: ModelOrigin) -> ModelOrigin:
    """The model without answers, or with the last text that it could read, else an example."""
    if isinstance(origin, ModelFile):
        return ModelFile(origin.file)
    if not isinstance(origin, PublishedModel):
        return origin
    name = origin.name
    last = _LAST_TEXT.again(lambda text: results.import_results_of(PublishedModel(name, text)))
    return PublishedModel(name, last[0] if last is not None else pretrained_model(name).examples[0])


def _with_vocabulary(model: OpenedModel) -> OpenedModel:
    """The model with the user's vocabulary, or, after a warning, without one that does not fit."""
    chosen = replace(model, vocabulary=_tokens(state.text_of("vocab")))
    try:
        results.import_result_of(chosen)
    except RnnvizError as error:
        warn(error)
        return model
    return chosen


def import_report(model: OpenedModel) -> None:
    """Report of an opened model: a line, folded out every fact, its origin, and the questions."""
    stack = results.import_result_of(model)
    _choose_part(model)
    left, right = st.columns([3, 2], gap="medium")
    with right:
        if isinstance(model.origin, PresetModel):
            moment_field("moment", [step for step, _ in preset_moments(model.origin.name)])
        _parity(model, stack)
    with left, st.expander(_summary(stack), icon=":material/fact_check:"):
        _story(model.origin)
        if stack.report:
            st.table({t(name): _column(stack.report, name) for name in ("fact", "found", "from")})
        for question in stack.questions:
            _ask(question)
        _vocabulary(stack)


def _story(origin: ModelOrigin) -> None:
    """Origin of a model on the list, and how good it is."""
    language = state.language()
    if isinstance(origin, PublishedModel):
        entry = pretrained_model(origin.name)
        facts = {"package": entry.package.name, "licence": entry.licence, "home": entry.home}
        st.markdown(t("zoo.story", **facts))
    if isinstance(origin, PresetModel):
        one = preset(origin.name)
        measured = {name: f"{getattr(one, name):.3g}" for name in ("held_out", "chance")}
        before = f"{one.before_training:.3g}"
        st.markdown(escape_markdown(one.about[language]))
        metric = t(f"curve.{one.metric}")
        st.markdown(t("preset.story", metric=metric, before=before, **measured))
        st.caption(f"{escape_markdown(one.data[language])} · {escape_markdown(one.licence)}")


def _options() -> list[str]:
    files = [FILE] if state.uploaded_model() else []
    trained_here = [f"preset:{one.name}" for one in presets()]
    return [*files, *trained_here, *(f"zoo:{one.name}" for one in pretrained_models())]


def _title(option: str) -> str:
    origin, _, name = option.partition(":")
    if origin == FILE:
        file = state.uploaded_model()
        return file.name if file is not None else ""
    language = state.language()
    if origin == "zoo":
        return f"{pretrained_model(name).title[language]} · {t('model.published')}"
    return next(one.title[language] for one in presets() if one.name == name)


def _answers() -> tuple[tuple[str, str], ...]:
    """The answers to what a file leaves open, (question, option) each."""
    answers = (answer.partition("=") for answer in state.names_of("answers"))
    return tuple((question, option) for question, _, option in answers)


def _tokens(text: str) -> tuple[str, ...]:
    """A token a line, or, of a single line, a token a character."""
    lines = [line for line in text.split("\n") if line]
    return tuple(lines) if len(lines) != 1 else tuple(lines[0])


def _choose_part(model: OpenedModel) -> None:
    names = [one.name for one in results.import_results_of(model.origin)]
    if len(names) > 1:
        segments("part", names, text=str, is_labelled=False)


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


def _parity(model: OpenedModel, stack: ImportResult) -> None:
    if stack.reference is None:
        return
    with st.spinner(t("parity.working"), show_time=True):
        certainty = results.certainty_of(model)
    st.markdown(escape_markdown(certainty.text(state.language())))


def _column(facts: tuple[ReportRow, ...], column: str) -> list[str]:
    words = {
        "fact": [t(f"fact.{fact.name}") for fact in facts],
        "found": [escape_markdown(fact.value) for fact in facts],
        "from": [t(f"origin.{fact.origin}") for fact in facts],
    }
    return words[column]


def _ask(question: ImportQuestion) -> None:
    chosen = dict(_answers()).get(question.name, question.likely)
    if chosen not in question.options:
        chosen = question.likely
    key = keyed(f"ask_{question.name}", chosen)
    st.selectbox(
        t(f"ask.{question.name}"),
        question.options,
        question.options.index(chosen),
        key=key,
        on_change=on_user_change,
        args=(key, _answer, question.name, key),
        format_func=lambda option: _option(option, question.likely),
    )


def _option(option: str, likely: str) -> str:
    words = t(f"option.{option}") if option in _OPTIONS else option
    return f"{words} ({t('likely')})" if option == likely else words


def _answer(name: str, key: str) -> None:
    others = [a for a in state.names_of("answers") if a.partition("=")[0] != name]
    state.put(answers=[*others, f"{name}={st.session_state[key]}"])


def _vocabulary(found: ImportResult) -> None:
    model = found.model
    if model.vocabulary is not None and not state.get("vocab"):
        st.caption(t("vocab.known", tokens=escape_markdown(" ".join(model.vocabulary[:80]))))
        return
    rows = model.n_inputs if model.embedding is None else len(model.embedding)
    label, given = t("vocab", rows=rows), state.get("vocab")
    st.text_area(label, given, key=state.widget_key("vocab"), help=t("vocab.help"))


def _not_installed(name: str) -> None:
    entry = pretrained_model(name)
    st.info(t("zoo.install", package=entry.package.name, licence=entry.licence))
    st.code('pip install "rnnviz[zoo]"', language="bash")


def _check_link() -> None:
    """Drop a model that a link carried and that cannot be read, and tell why."""
    file = state.uploaded_model()
    if file is None or state.get("model") != FILE:
        return
    try:
        results.import_results_of(ModelFile(file, _answers()))
    except RnnvizError as error:
        state.put(modelfile=None, model="", **{_NOTICE: error})


def _use_upload() -> None:
    uploaded = st.session_state["model_uploader"]
    if uploaded is None:
        return
    file = File(uploaded.name, uploaded.getvalue())
    try:
        count_upload(file)
        results.import_results_of(ModelFile(file))
    except RnnvizError as error:
        # What was open before stays open: a file that cannot be read changes but the notice.
        state.put(**{_NOTICE: error})
        return
    _clear_choices()
    state.put(modelfile=file, model=FILE)


def _clear_choices() -> None:
    state.put(**{_NOTICE: None})
    state.restore_defaults(*_OF_ONE_MODEL)
    state.move_cursor(None)
