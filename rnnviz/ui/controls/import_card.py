"""Card of an opened model: how sure its reading is, the open questions, and all that was found."""

from __future__ import annotations

from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.pretrained.registry import pretrained_model
from rnnviz.readers.certainty import NAMED_OPTIONS, Grade
from rnnviz.readers.result import ImportQuestion, ImportResult, ReportRow
from rnnviz.readers.row_text import row_text
from rnnviz.train.presets import preset
from rnnviz.ui import results, state
from rnnviz.ui.controls.mapping import ask_mapping_again
from rnnviz.ui.controls.vocabulary_file import vocabulary_uploader
from rnnviz.ui.controls.widgets import segments, text_button
from rnnviz.ui.selections import ModelFile, ModelOrigin, OpenedModel, PresetModel, PublishedModel
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.widget_keys import keyed, on_user_change

_Colour = Literal["green", "blue", "orange"]
_QUESTION_WIDTH = 340
_BADGES: dict[Grade, tuple[str, _Colour]] = {
    "proved": (":material/verified:", "green"),
    "checked": (":material/rule:", "blue"),
    "assumed": (":material/help:", "orange"),
}


def import_card(model: OpenedModel, row: DeltaGenerator) -> None:
    """The grade of the reading, the questions where the eye is, and, folded, every fact.

    Of a model that is known everything folds up in its `row`.
    """
    stack = results.import_result_of(model)
    with row:
        _choose_part(model)
    if isinstance(model.origin, ModelFile):
        _certainty(model, stack)
        reading_questions(model.origin, stack)
        folded: DeltaGenerator = st.expander(_summary(stack), icon=":material/fact_check:")
    else:
        folded = row.popover(t("model.about"), icon=":material/info:", key="model_about")
        folded.markdown(_summary(stack))
    with folded:
        _story(model.origin)
        if stack.report:
            st.table({t(name): _column(stack.report, name) for name in ("fact", "found", "from")})
        if not isinstance(model.origin, ModelFile):
            _vocabulary(stack)


def _certainty(model: OpenedModel, stack: ImportResult) -> None:
    with st.spinner(t("parity.working"), show_time=True):
        certainty = results.certainty_of(model)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="certainty"):
        icon, color = _BADGES[certainty.grade]
        st.badge(t(f"grade.{certainty.grade}"), icon=icon, color=color)
        st.markdown(escape_markdown(certainty.reason(state.language())))
        with st.popover(t("fact.vocabulary"), icon=":material/abc:"):
            _vocabulary(stack)
            vocabulary_uploader(stack.model)
        origin = model.origin
        if isinstance(origin, ModelFile) and origin.names:
            arguments = origin.file, origin.names, stack.model
            text_button(t("mapping"), "mapping", ask_mapping_again, *arguments)


def reading_questions(origin: ModelFile, stack: ImportResult, key: str = "answers") -> None:
    """What a file leaves open, each with what is likely or was answered.

    key  of the choice that keeps the answers.
    """
    # Who said what the arrays are said the cell with it.
    said = {name for name, _ in origin.answers if name == "cell" and origin.names}
    asked = [question for question in stack.questions if question.name not in said]
    if not asked:
        return
    row = "questions" if key == "answers" else f"questions_{key}"
    with st.container(horizontal=True, vertical_alignment="bottom", key=row):
        for question in asked:
            _ask(question, key)


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


def _choose_part(model: OpenedModel) -> None:
    names = [one.name for one in results.import_results_of(model.origin)]
    if len(names) > 1:
        segments("part", names, text=str, is_labelled=False)


def _summary(found: ImportResult) -> str:
    model = found.model
    levels = len(model.levels)
    bottom = [layer.direction for layer in model.levels[0]]
    cells = dict.fromkeys(t(f"cell.{layer.cell_name}") for layer in model.layers)
    return t(
        "model.summary",
        cell=" + ".join(cells),
        layers=t("model.layers", n=levels),
        direction=t("direction.both") if len(bottom) > 1 else t(f"direction.{bottom[0]}"),
        inputs=model.n_inputs,
        units=model.layers[0].n_units,
        numbers=f"{model.n_parameters:,}",
    )


def _column(facts: tuple[ReportRow, ...], column: str) -> list[str]:
    words = {
        "fact": [t(f"fact.{fact.name}") for fact in facts],
        "found": [escape_markdown(row_text(fact, state.language())) for fact in facts],
        "from": [t(f"origin.{fact.origin}") for fact in facts],
    }
    return words[column]


def _ask(question: ImportQuestion, kept: str) -> None:
    chosen = dict(state.chosen_answers(kept)).get(question.name, question.likely)
    if chosen not in question.options:
        chosen = question.likely
    own = "" if kept == "answers" else f"{kept}_"
    key = keyed(f"ask_{own}{question.name}", chosen)
    about = f" ({question.about})" if question.about else ""
    st.selectbox(
        t(f"ask.{question.name}") + escape_markdown(about),
        question.options,
        question.options.index(chosen),
        key=key,
        on_change=on_user_change,
        args=(key, _answer, question.name, key, kept),
        format_func=lambda option: _option(option, question.likely),
        width=_QUESTION_WIDTH,
    )


def _option(option: str, likely: str) -> str:
    words = t(f"option.{option}") if option in NAMED_OPTIONS else option
    return f"{words} ({t('likely')})" if option == likely else words


def _answer(name: str, key: str, kept: str) -> None:
    others = [a for a in state.names_of(kept) if a.partition("=")[0] != name]
    state.put(**{kept: [*others, f"{name}={st.session_state[key]}"]})


def _vocabulary(found: ImportResult) -> None:
    model = found.model
    if model.vocabulary is not None and not state.get("vocab"):
        st.caption(t("vocab.known", tokens=escape_markdown(" ".join(model.vocabulary[:80]))))
        return
    rows = model.n_inputs if model.embedding is None else len(model.embedding)
    label, given = t("vocab", rows=rows), state.get("vocab")
    st.text_area(label, given, key=state.widget_key("vocab"), help=t("vocab.help"))
