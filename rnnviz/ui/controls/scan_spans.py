"""From a place, a token or a typed text to the units that are far out, and to other places."""

from __future__ import annotations

import re

import streamlit as st

from rnnviz.corpus.corpus_unit import CorpusContext, CorpusUnit, context_at
from rnnviz.corpus.far_units import REACH, FarUnits
from rnnviz.corpus.result import CorpusScan
from rnnviz.errors import RnnvizError
from rnnviz.formatting import token_label
from rnnviz.inputs.tokenise import TOKENISERS, between_tokens, vocabulary_kind
from rnnviz.ui import scan_results, shell, state
from rnnviz.ui.controls.context_lines import context_lines
from rnnviz.ui.controls.model_switch import model_notice, model_switch
from rnnviz.ui.controls.scan_features import show_unit
from rnnviz.ui.controls.scan_model import scanned_model
from rnnviz.ui.controls.widgets import segments, select, text_field
from rnnviz.ui.scan_results import ScanChoice, scan_of
from rnnviz.ui.text import escape_markdown, t, warn
from rnnviz.ui.widget_keys import keyed, on_user_change

_WAYS = ("place", "token", "text")
_MAX_TEXT, _MAX_PART, _SHOWN = 2_000, 60, 18


def scan_spans(choice: ScanChoice) -> None:
    """What is asked about, the units that are far out there, and places that they share."""
    scan = scan_of(choice)
    st.markdown(f"## {t('corpus.spans')}")
    with st.container(horizontal=True, vertical_alignment="bottom", key="scan_ask_row"):
        segments("scan_ask", _WAYS)
        model_switch()
    model_notice()
    ask = {"place": _at_place, "token": _after_token, "text": _in_text}[state.text_of("scan_ask")]
    try:
        found = ask(choice, scan)
    except RnnvizError as error:
        warn(error)
        return
    if found is not None:
        _units(found)
        _places(found)
        st.caption(t(f"corpus.spans.caveat.{state.text_of('scan_ask')}"))


def _at_place(choice: ScanChoice, scan: CorpusScan) -> FarUnits:
    """One of the contexts of the unit that is shown, or the place that led to this unit."""
    unit = scan.unit(state.text_of("scan_signal"), state.get("scan_unit"))
    named = {_key(one): one for one in (*unit.highest, *unit.lowest)}
    before = _place_before(scan, unit)
    if before is not None:
        named.setdefault(_key(before), before)
    state.fall_back("scan_at", list(named))
    select("scan_at", list(named), text=lambda key: _label(named[key]))
    place = named[state.text_of("scan_at")]
    _to_read(choice, scan, place)
    return scan.units_at(place.shard, place.step)


def _place_before(scan: CorpusScan, unit: CorpusUnit) -> CorpusContext | None:
    """The place that is chosen, if it led to a unit: it then stands at one of the unit's own."""
    numbers = re.fullmatch(r"(\d{1,9})-(\d{1,12})", state.text_of("scan_at"))
    if numbers is None:
        return None
    shard, step = int(numbers[1]), int(numbers[2])
    own = (one for one in (*unit.highest, *unit.lowest) if one.shard == shard)
    if (shard, step) in scan.sketch.contexts and any(abs(one.step - step) <= REACH for one in own):
        return context_at(scan.sketch, shard, step, 0.0)
    return None


def _key(place: CorpusContext) -> str:
    return f"{place.shard}-{place.step}"


def _label(place: CorpusContext) -> str:
    parts = place.before[-_SHOWN:], f"⟦{place.token}⟧", place.after[:_SHOWN]
    return "".join(sign if sign.isprintable() else token_label(sign) for sign in "".join(parts))


def _to_read(choice: ScanChoice, scan: CorpusScan, place: CorpusContext) -> None:
    """The way to Read with the text of a place, where the scanned model is open."""
    if scanned_model(choice, "corpus.read.other") is None:
        return
    kind = vocabulary_kind(scan.vocabulary)
    glue = between_tokens(kind)
    text = glue.join(part for part in (place.before, place.token, place.after) if part)
    step = sum(1 for _ in TOKENISERS[kind](place.before))
    pick = f"{state.text_of('scan_signal')}.{state.get('scan_unit')}"
    own = {"says": text, "step": step, "pick": pick, "layer": scan.about.layer}
    icon = ":material/arrow_forward:"
    shell.page_button("read", t("corpus.read"), icon, key="scan_to_read", **own)
    st.caption(t("corpus.read.about"))


def _after_token(choice: ScanChoice, scan: CorpusScan) -> FarUnits:
    """A token of the vocabulary that occurs; the most frequent stand first."""
    counts = scan.counts
    order = (-counts).argsort(kind="stable").tolist()
    tokens = [scan.vocabulary[number] for number in order if counts[number]]
    times = dict(zip(scan.vocabulary, counts.tolist(), strict=True))
    state.fall_back("scan_token", tokens)
    word = t("corpus.times")
    select("scan_token", tokens, text=lambda one: f"{token_label(one)}  ({times[one]:,.0f} {word})")
    signal = state.text_of("scan_signal")
    return scan_results.far_after(choice, state.text_of("scan_token"), signal)


def _in_text(choice: ScanChoice, scan: CorpusScan) -> FarUnits | None:
    """A typed text, which the model reads: it has to be the one that was scanned."""
    model = scanned_model(choice, "corpus.text.other")
    if model is None:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="scan_text_row"):
        text_field("scan_text", _MAX_TEXT, placeholder=t("corpus.text.own"), is_labelled=True)
        text_field("scan_part", _MAX_PART, placeholder=t("corpus.part.own"), is_labelled=True)
    text, part = state.text_of("scan_text"), state.text_of("scan_part")
    return scan_results.far_in(choice, model, text, part) if text else None


def _units(found: FarUnits) -> None:
    """The units as buttons: one that is picked is shown above."""
    told = {
        f"{one.signal}.{one.unit}": f"{t(f'signal.{one.signal}')} {one.unit} {one.z:+.1f}σ".replace(
            "-", "−"
        )
        for one in found.units
    }
    given = escape_markdown(token_label(found.given))
    key = "corpus.far" if found.units else "corpus.far.none"
    st.markdown(t(key, given=given, count=found.n_units, told=len(found.units)))
    if not told:
        return
    shown = f"{state.text_of('scan_signal')}.{state.get('scan_unit')}"
    pressed = shown if shown in told else None
    key = keyed("scan_far", pressed)
    st.pills(
        t("corpus.far.units"),
        list(told),
        default=pressed,
        format_func=told.__getitem__,
        key=key,
        label_visibility="collapsed",
        on_change=on_user_change,
        args=(key, _show, key),
    )


def _show(key: str) -> None:
    picked = st.session_state[key]
    if picked is not None:
        signal, _, unit = picked.rpartition(".")
        show_unit(signal, int(unit))


def _places(found: FarUnits) -> None:
    """Other places, how many of the units are among their farthest there in front."""
    if not found.places:
        if found.units:
            st.markdown(t("corpus.matches.none"))
        return
    lines = [(f"{len(one.units)}/{len(found.units)}", one.context) for one in found.places]
    context_lines(lines, t("corpus.matches", count=len(found.units)))
