"""A unit of a scan: its place among all, its numbers, what it follows, and where it is far out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from rnnviz.analysis.found_units import feature_name
from rnnviz.corpus.corpus_signal import CorpusSignal
from rnnviz.corpus.corpus_unit import CorpusUnit
from rnnviz.corpus.result import CorpusScan
from rnnviz.corpus.sketch import outer_edges
from rnnviz.formatting import format_number
from rnnviz.ui import scan_results, shell, state
from rnnviz.ui.controls.context_lines import context_lines
from rnnviz.ui.controls.scan_features import show_unit
from rnnviz.ui.controls.widgets import number_field, select, show_chart
from rnnviz.ui.scan_results import ScanChoice, scan_of
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import keyed

_ENDS = (("highest", "corpus.highest"), ("lowest", "corpus.lowest"))


def settle_unit(scan: CorpusScan) -> None:
    """A signal and a unit that the scan has: by default those of what was found most clearly."""
    if state.text_of("scan_signal") not in scan.signals:
        clearest = max(scan.found or scan.features, key=lambda f: abs(f.best.r), default=None)
        default = scan.signals[-1], 0
        signal, unit = default if clearest is None else (clearest.signal, clearest.unit)
        state.put(scan_signal=signal, scan_unit=unit)
    last = len(scan.signal(state.text_of("scan_signal")).mean) - 1
    if state.get("scan_unit") > last:
        state.put(scan_unit=last)


def scan_unit(choice: ScanChoice) -> None:
    """The choice of a unit, its figures and its contexts."""
    scan = scan_of(choice)
    st.markdown(f"## {t('corpus.one_unit')}")
    with st.container(horizontal=True, vertical_alignment="bottom", key="scan_unit_row"):
        select("scan_signal", scan.signals, text=lambda name: t(f"signal.{name}"))
        of_signal = scan.signal(state.text_of("scan_signal"))
        number_field("scan_unit", 0, len(of_signal.mean) - 1)
    signal, unit = state.text_of("scan_signal"), int(state.get("scan_unit"))
    one, look = scan.unit(signal, unit), shell.look()
    said = _said(one, _ends(scan, signal))
    st.markdown(said)
    left, right = st.columns(2)
    with left:
        drawn = scan_results.unit_figure(choice, signal, unit, look)
        show_chart(drawn, "scan_unit_figure", alt=said)
    with right:
        drawn = scan_results.signal_figure(choice, signal, unit, look)
        show_chart(drawn, "scan_signal_figure", alt=t("corpus.units", signal=t(f"signal.{signal}")))
        _table(of_signal, _ends(scan, signal))
    _contexts(one)


def _ends(scan: CorpusScan, signal: str) -> dict[str, str]:
    """Between what a unit's number lies where it is in neither the lowest nor the highest tenth."""
    low, high = outer_edges(scan.cell.signal(signal))
    return {"low": f"{low:.3g}".replace("-", "−"), "high": f"{high:.3g}"}


def _said(one: CorpusUnit, ends: Mapping[str, str]) -> str:
    facts: dict[str, Any] = {"unit": one.unit, "signal": t(f"signal.{one.signal}")}
    facts |= {"mean": format_number(one.mean), "std": format_number(one.std)}
    facts |= {"closed": f"{one.closed:.0%}", "open": f"{one.open:.0%}"}
    return t("corpus.unit.said", **facts, **ends)


def _contexts(one: CorpusUnit) -> None:
    columns = st.columns(2)
    for column, (end, key) in zip(columns, _ENDS, strict=True):
        with column:
            places = getattr(one, end)
            context_lines([(format_number(c.value), c) for c in places], t(key, unit=one.unit))


def _table(of_signal: CorpusSignal, ends: Mapping[str, str]) -> None:
    """All units; a row that is picked is shown."""
    folded = st.expander(t("corpus.table"), icon=":material/table_rows:", on_change="rerun")
    if not folded.open:
        return
    names = {one: feature_name(one, state.language()) for one in of_signal.features}
    closed, opened = t("corpus.closed", **ends), t("corpus.open", **ends)
    rows = [
        {
            t("corpus.unit"): number,
            t("corpus.mean"): float(of_signal.mean[number]),
            t("corpus.std"): float(of_signal.std[number]),
            closed: float(of_signal.closed[number]),
            opened: float(of_signal.open[number]),
            t("corpus.closest"): names.get(feature, ""),
            "r": r,
        }
        for number, (feature, r) in enumerate(of_signal.closest)
    ]
    key = keyed("scan_units", of_signal.signal)
    share = st.column_config.NumberColumn(format="percent")
    with folded:
        st.caption(t("corpus.table.help"))
        st.dataframe(
            rows,
            hide_index=True,
            key=key,
            height=320,
            column_config={closed: share, opened: share},
            selection_mode="single-row",
            on_select=lambda: _pick(key, of_signal.signal),
        )


def _pick(key: str, signal: str) -> None:
    rows = st.session_state[key].selection.rows
    if rows:
        show_unit(signal, rows[0])
