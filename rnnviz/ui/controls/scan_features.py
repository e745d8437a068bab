"""Features of a scan: what was found and what was not, and the way to the unit of each."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rnnviz.analysis.found_units import closest_finding, feature_name
from rnnviz.corpus.features import CorpusFeature
from rnnviz.corpus.result import CorpusScan
from rnnviz.ui import scan_results, shell, state
from rnnviz.ui.controls.widgets import show_chart
from rnnviz.ui.scan_results import ScanChoice, scan_of
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.widget_keys import keyed, on_user_change


def scan_features(choice: ScanChoice) -> None:
    """The sentence of what was found, the figure, and a button for the unit of each feature."""
    scan = scan_of(choice)
    st.markdown(f"## {t('corpus.features')}")
    if not scan.features:
        st.info(scan.text(state.language()))
        return
    said = found_sentence(scan)
    st.markdown(f"**{said}**", help=t("units.controls.help"))
    show_chart(scan_results.features_figure(choice, shell.look()), "scan_features", alt=said)
    _units(scan)
    with st.expander(t("corpus.sentences")):
        lines = scan.text(state.language()).split("\n")
        st.markdown("\n".join(f"- {escape_markdown(line)}" for line in lines))
    st.caption(t("corpus.features.caveat"))


def found_sentence(scan: CorpusScan) -> str:
    """What was found, or how far the closest is from what is needed."""
    facts: dict[str, Any] = {"count": len(scan.features), "tokens": f"{scan.n_steps:,}"}
    if scan.found:
        return t("corpus.found", found="; ".join(map(_told, scan.found)), **facts)
    closest = closest_finding(scan.features)
    if closest is None:
        return t("corpus.found.few", **facts)
    facts |= {"control": f"{max(closest.best.controls.values()):.2f}"}
    facts |= {"needed": f"{closest.best.needed:.2f}"}
    return t("corpus.found.none", closest=_told(closest), **facts)


def _told(one: CorpusFeature) -> str:
    r = f"{one.best.r:.2f}".replace("-", "−")
    return t(
        "corpus.follows", name=_name(one), signal=t(f"signal.{one.signal}"), unit=one.unit, r=r
    )


def _name(one: CorpusFeature) -> str:
    return escape_markdown(feature_name(one.name, state.language()))


def _units(scan: CorpusScan) -> None:
    """A button for the unit of each feature; that of the shown unit is pressed."""
    shown = state.text_of("scan_signal"), state.get("scan_unit")
    names = [one.name for one in scan.features]
    pressed = next((f.name for f in scan.features if (f.signal, f.unit) == shown), None)
    key = keyed("scan_feature", pressed)
    st.pills(
        t("corpus.feature_units"),
        names,
        default=pressed,
        format_func=lambda name: (
            f"{_name(scan[name])}: {t(f'signal.{scan[name].signal}')} {scan[name].unit}"
        ),
        key=key,
        on_change=on_user_change,
        args=(key, _show_unit, key, scan),
    )


def _show_unit(key: str, scan: CorpusScan) -> None:
    name = st.session_state[key]
    if name is not None:
        show_unit(scan[name].signal, scan[name].unit)


def show_unit(signal: str, unit: int) -> None:
    """Show a unit of a signal."""
    state.put(scan_signal=signal, scan_unit=unit)
