"""The choices of a page: in the session, and in the URL where they are not the defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rnnviz.analysis.unit_order import ORDERS
from rnnviz.analysis.window import AGGREGATIONS
from rnnviz.cells import CELLS
from rnnviz.i18n import LANGUAGES
from rnnviz.interventions.serialise import from_text, to_text
from rnnviz.lessons.interactive import Settings
from rnnviz.lessons.registry import LESSONS, lesson_code
from rnnviz.network.random_model import INITIALISATIONS
from rnnviz.train.tasks import TASKS
from rnnviz.ui import old_links, url, widget_keys
from rnnviz.ui.kept_files import LostFile, file_address, file_at

MAX_UNITS = 256
MAX_LAYERS = 4
MAX_SEED = 2**31 - 1
MAX_EMBEDDING_SIZE = 256
MAX_INTERVENTIONS = 24
MAX_STEP = 10**7
RATES = ("", "0.001", "0.003", "0.01", "0.03", "0.1")
GAINS = ("1", "2", "3", "5", "10")
OPENING = "preset:languages_gru"
_WRITTEN = "written"
_ACTIVATIONS = sorted(
    {a for c in CELLS.values() for names in c.activations.values() for a in names}
)
_JUMPS = "jumps"
_CHOSEN = "chosen"
_PAGE = "page"
_DONE = "lessons_done"
_FILES = ("upload", "modelfile")
_OF_MODEL = (
    *("part", "answers", "names", "moment", "vocab", "says"),
    *("layer", "feed", "only", "show", "do", "pick"),
)
_NONE: Mapping[str, url.File | LostFile | None] = MappingProxyType({})


@dataclass(frozen=True)
class StateKey:
    """One choice: its key in session and URL, its default, and how the URL spells it.

    `read` raises ValueError for what the choice cannot be; the default is then taken.
    """

    key: str
    default: Any
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str


def _one_of(key: str, options: Iterable[str], default: str | None = None) -> StateKey:
    allowed = tuple(options)

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return StateKey(key, allowed[0] if default is None else default, read)


def _whole(key: str, default: int | None, low: int, high: int) -> StateKey:
    return StateKey(key, default, lambda text: max(low, min(high, int(text))))


def _names(key: str) -> StateKey:
    return StateKey(key, [], url.read_names, url.write_names)


def _interventions(text: str) -> str:
    if len(text) > url.MAX_URL_TEXT or len(done := from_text(text)) > MAX_INTERVENTIONS:
        raise ValueError(text)
    return to_text(done) if done else ""


def _model(text: str) -> str:
    return "" if text == OPENING else text


CHOICES = (
    _one_of("cell", CELLS, "lstm"),
    _whole("units", 16, 1, MAX_UNITS),
    _whole("layers", 1, 1, MAX_LAYERS),
    _one_of("direction", ("forward", "backward", "both")),
    _whole("seed", 7, 0, MAX_SEED),
    _one_of("init", INITIALISATIONS, "xavier"),
    _one_of("gain", GAINS, "3"),
    _one_of("activation", ("", *_ACTIVATIONS)),
    _one_of("recurrence", ("full", "one_to_one")),
    _one_of("backend", ("numpy", "torch")),
    _one_of("kind", ("characters", "words", "numbers", "signal")),
    StateKey("text", "The cat sat on the mat."),
    _one_of("encoding", ("one_hot", "embedding")),
    _whole("size", 8, 1, MAX_EMBEDDING_SIZE),
    StateKey("upload", None, file_at, file_address),
    _names("columns"),
    _one_of("scale", ("standard", "minmax", "none")),
    _one_of("missing", ("interpolate", "previous", "mean", "zero", "drop", "refuse")),
    StateKey("axis", ""),
    _names("reading"),
    StateKey("model", "", _model),
    StateKey("modelfile", None, file_at, file_address),
    StateKey("part", ""),
    _names("answers"),
    _names("names"),
    _whole("moment", -1, -1, 63),
    StateKey("vocab", ""),
    _one_of("predicts", ("", "next")),
    StateKey("says", ""),
    _one_of("feed", ("example", "noise", "sines", "impulses", "own")),
    _one_of("task", TASKS),
    _one_of("learner", CELLS, "lstm"),
    _whole("width", 32, 2, 128),
    _whole("rounds", 500, 20, 5_000),
    _one_of("rate", RATES),
    _whole("start", 0, 0, MAX_SEED),
    _whole("layer", 0, 0, 63),
    _one_of("order", ORDERS),
    _one_of("draw", ("heatmap", "lines")),
    _names("show"),
    _names("only"),
    _whole("step", None, 0, MAX_STEP),
    _whole("from", 0, 0, MAX_STEP),
    _whole("to", None, 0, MAX_STEP),
    _one_of("how", AGGREGATIONS),
    StateKey("pick", ""),
    _one_of("compare", ("cells", "inputs", "training", "intervened", "backends")),
    _one_of("sides", ("beside", "difference")),
    StateKey("cells", ["rnn", "lstm", "gru"], url.read_names, url.write_names),
    StateKey("reader", ""),
    StateKey("one", ""),
    StateKey("two", ""),
    StateKey("course", ""),
    _whole("earlier", 0, -1, 63),
    _whole("later", -1, -1, 63),
    StateKey("do", "", _interventions),
    _one_of("do_units", ("all", "picked", "some")),
    _one_of("do_steps", ("all", "cursor", "span")),
    _one_of("versus", ("changed", "difference", "untouched")),
    _one_of("lesson", ("", *LESSONS)),
    _one_of("class", ("", "1")),
    _whole("slide", 0, 0, 99),
    StateKey("settings", {}, url.read_settings, url.write_settings),
    _names("guess"),
)
LANGUAGE = _one_of("lang", LANGUAGES)
_ALL = {choice.key: choice for choice in (*CHOICES, LANGUAGE)}


def get(key: str) -> Any:
    """The value chosen now; a widget that a page switch removed leaves its last value."""
    try:
        return st.session_state[widget_keys.current_key(key)]
    except KeyError:
        return st.session_state.get(_CHOSEN, {}).get(key, _ALL[key].default)


def language() -> str:
    """The page's language, "en" or "zh"."""
    return str(get("lang"))


def shown_layer() -> int:
    """The layer that is shown."""
    return int(get("layer"))


def cursor_step() -> int | None:
    """The cursor's step in the whole sequence; None for the last."""
    chosen = get("step")
    return None if chosen is None else int(chosen)


def picked_unit() -> str:
    """The picked unit of a signal, as "signal.unit"; "" for none."""
    return str(get("pick"))


def uploaded_input() -> url.File | None:
    """The uploaded input."""
    return _file("upload")


def lost_input() -> LostFile | None:
    """The input that the address names and the server no longer has."""
    return _lost("upload")


def chosen_model() -> str:
    """The model that reads: "untrained", "file", "training", "preset:…" or "zoo:…"."""
    return str(get("model")) or OPENING


def uploaded_model() -> url.File | None:
    """The uploaded model."""
    return _file("modelfile")


def lost_model() -> LostFile | None:
    """The model that the address names and the server no longer has."""
    return _lost("modelfile")


def _file(key: str) -> url.File | None:
    chosen = get(key)
    return chosen if isinstance(chosen, url.File) else None


def _lost(key: str) -> LostFile | None:
    chosen = get(key)
    return chosen if isinstance(chosen, LostFile) else None


def chosen_reading() -> tuple[tuple[str, str], ...]:
    """How an uploaded input is read where its file leaves it open, (decision, option) each."""
    choices = (choice.partition("=") for choice in names_of("reading"))
    return tuple((decision, option) for decision, _, option in choices)


def chosen_answers() -> tuple[tuple[str, str], ...]:
    """The answers to what a model file leaves open, (question, option) each."""
    answers = (answer.partition("=") for answer in names_of("answers"))
    return tuple((question, option) for question, _, option in answers)


def chosen_names() -> tuple[tuple[str, str], ...]:
    """What the arrays of a model file are where their names do not tell, (array, slot) each."""
    names = (name.rpartition("=") for name in names_of("names"))
    return tuple((array, slot) for array, _, slot in names)


def text_of(key: str) -> str:
    """The text of a field."""
    return str(get(key))


def names_of(key: str) -> list[str]:
    """The names of a choice of several."""
    return list(get(key))


def widget_key(key: str) -> str:
    """The key of the widget that makes a choice; its default is what is chosen."""
    return widget_keys.current_key(key)


def restore_defaults(*keys: str) -> None:
    """Set these choices to their defaults."""
    put(**{key: _ALL[key].default for key in keys})


def put(**values: Any) -> None:
    """Set choices; only before the widgets of this run are drawn, or in a callback."""
    for key, value in values.items():
        if key in _ALL:
            _choose(key, value)
        else:
            st.session_state[key] = value


def _choose(key: str, value: Any) -> None:
    widget_keys.renew(key, value)
    st.session_state[_CHOSEN] = st.session_state.get(_CHOSEN, {}) | {key: value}


def switch_model(model: str, file: url.File | None = None, **own: Any) -> None:
    """Read with another model, a file's with its file; what belonged to the last one is left."""
    restore_defaults(*_OF_MODEL)
    put(model=_model(model), **({"modelfile": file} if file is not None else {}), **own)
    move_cursor(None)


def reset() -> None:
    """Set all choices but the language to their defaults."""
    put(**{choice.key: choice.default for choice in CHOICES})
    move_cursor(None)


def move_cursor(step: int | None) -> None:
    """Tell the player to go to a step; None for the last."""
    put(step=step, **{_JUMPS: n_cursor_moves() + 1})


def n_cursor_moves() -> int:
    """Number of times that the player was told to go to a step."""
    return int(st.session_state.get(_JUMPS, 0))


def settings(lesson: str) -> Settings:
    """Settings of a lesson's controls."""
    return lesson_code(lesson).settings(get("settings"))


def finished_lessons() -> list[str]:
    """The lessons that were read to their end in this session."""
    return list(st.session_state.get(_DONE, []))


def finish_lesson(lesson: str) -> None:
    """Remember that this lesson was read to its end."""
    put(**{_DONE: sorted({*finished_lessons(), lesson})})


def url_query() -> str:
    """The URL's query of all choices."""
    return urlencode(_query())


def url_query_with(**others: Any) -> dict[str, str]:
    """The URL's query with these choices in place of the current ones."""
    every = _query() | {key: _ALL[key].write(value) for key, value in others.items()}
    return {key: text for key, text in every.items() if text}


def load_session() -> None:
    """Fill the session from the URL at first, and again when the browser went back or forward."""
    if _WRITTEN not in st.session_state:
        put(**{_CHOSEN: {key: choice.default for key, choice in _ALL.items()}})
        put(lang="zh" if (st.context.locale or "").lower().startswith("zh") else "en")
        _choose_from(_asked())
        # A run that is cut short, by a click on another page, does not come to write it.
        put(**{_WRITTEN: st.query_params.to_dict()})
    elif _is_navigation():
        held = {file_address(get(key)): get(key) for key in _FILES}
        reset()
        _choose_from(_asked(), held)
    # A widget that is not drawn in a run, or is drawn on another page, loses its value.
    put(**{_CHOSEN: {key: get(key) for key in _ALL}})
    if _is_other_page():
        widget_keys.renew_all()
    put(**{_PAGE: _page()})


def write_url() -> None:
    """Write the choices into the URL."""
    address = _query()
    put(**{_WRITTEN: address})
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)


def fall_back(key: str, options: Iterable[Any]) -> None:
    """Fall back to the first option where the choice is none of them any more."""
    allowed = list(options)
    if get(key) not in allowed:
        put(**{key: allowed[0]})


def _is_navigation() -> bool:
    """True when the browser went back or forward, or a link led to other choices.

    Any other address that is not the one written last is an older one: the browser had not read
    the new one when it asked.
    """
    asked = st.query_params.to_dict()
    if asked == st.session_state[_WRITTEN]:
        return False
    # Where another page was chosen, its address begins empty, and the choices stay.
    return bool(asked) if _is_other_page() else _is_history_navigation()


def _is_other_page() -> bool:
    """True when another page was shown last."""
    return bool(st.session_state.get(_PAGE, _page()) != _page())


def _asked() -> dict[str, str]:
    return old_links.with_model(_page(), st.query_params.to_dict())


def _page() -> str:
    return urlsplit(str(st.context.url or "")).path


def _is_history_navigation() -> bool:
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def _choose_from(
    address: dict[str, str], held: Mapping[str, url.File | LostFile | None] = _NONE
) -> None:
    """Choose what an address says; `held` are files that it may name without carrying them."""
    for key, text in address.items():
        if key in _FILES and text in held:
            put(**{key: held[text]})
        elif key in _ALL:
            try:
                put(**{key: _ALL[key].read(text)})
            except ValueError:
                continue
    move_cursor(get("step"))


def _query() -> dict[str, str]:
    chosen = {c.key: c.write(get(c.key)) for c in CHOICES if get(c.key) != c.default}
    said = {key: text for key, text in chosen.items() if text}
    # Without its model such an address would be an old one, of a random network.
    if not old_links.NEEDS_MODEL.isdisjoint(said):
        said.setdefault("model", OPENING)
    return {"lang": get("lang")} | said
