"""What is taken along of a scan: the library's call, and the numbers as tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from rnnviz.ui import state
from rnnviz.ui.scan_results import SAMPLE, ScanChoice, scan_of
from rnnviz.ui.text import t


def scan_taken_along(choice: ScanChoice) -> None:
    """The call, all units as a table, and the contexts of the one that is shown."""
    scan = scan_of(choice)
    signal, unit = state.text_of("scan_signal"), state.get("scan_unit")
    st.code(_call(choice, signal, unit), language="python")
    with st.container(horizontal=True, key="taken_along"):
        _table("corpus.csv.units", "rnnviz-corpus-units.csv", scan.to_frame)
        name = f"rnnviz-corpus-{signal}-{unit}.csv"
        _table("corpus.csv.contexts", name, lambda: scan.unit(signal, unit).to_frame())


def _call(choice: ScanChoice, signal: str, unit: int) -> str:
    unit_call = f"scan.unit({signal!r}, {unit}).figure()".replace("'", '"')
    return f"{_opened(choice)}\nprint(scan.text())\n{unit_call}"


def _opened(choice: ScanChoice) -> str:
    """The scan's folder or file by its name, which is all that a page tells of a server's paths."""
    if choice.file is None and not choice.path:
        imported = "from rnnviz.core.resources import asset"
        return f'{imported}\nscan = rv.corpus.open(asset("scans", "{SAMPLE}"))'
    name = Path(choice.path).parent.name if choice.file is None else choice.file.name
    return f"scan = rv.corpus.open({json.dumps(name, ensure_ascii=False)})"


def _table(key: str, name: str, frame: Callable[[], Any]) -> None:
    st.download_button(
        t(key),
        data=lambda: frame().to_csv(index=False),
        file_name=name,
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=key,
    )
