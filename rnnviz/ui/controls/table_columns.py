"""Columns of an uploaded table: those that are read stand out, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from rnnviz.errors import InputError
from rnnviz.inputs.column import Column
from rnnviz.inputs.features import check_feature
from rnnviz.inputs.table import Table, default_axis, standard_features
from rnnviz.ui import state
from rnnviz.ui.controls.widgets import chips
from rnnviz.ui.text import escape_markdown, t

_MAX_SHOWN = 20


def column_controls(table: Table, axis: str | None) -> None:
    """Chips of the columns, those that are read seen to be on, and a line about those that are not.

    axis  as in `rnnviz.table_sequence`.
    """
    offered = [column.name for column in table.columns if _can_be_read(column)]
    state.put(columns=[name for name in state.names_of("columns") if name in offered])
    standard = [column.name for column in _standard(table, axis)]
    if not offered:
        return
    chips("columns", offered, standard)
    on = state.names_of("columns") or standard
    left = [_left_out(column, table, axis) for column in table.columns if column.name not in on]
    reasons = [f"{escape_markdown(name)} ({reason})" for name, reason in left if reason]
    if reasons:
        more = f", … +{len(reasons) - _MAX_SHOWN}" if len(reasons) > _MAX_SHOWN else ""
        st.caption(t("left_out", columns=", ".join(reasons[:_MAX_SHOWN]) + more))


def _can_be_read(column: Column) -> bool:
    try:
        check_feature(column)
    except InputError:
        return False
    return True


def _standard(table: Table, axis: str | None) -> Iterator[Column]:
    named = default_axis(table) if axis is None else table[axis] if axis else None
    return (column for column in standard_features(table, named) if _can_be_read(column))


def _left_out(column: Column, table: Table, axis: str | None) -> tuple[str, str]:
    """Name of a column and why it is not read; "" where the user took it away."""
    named = default_axis(table) if axis is None else table[axis] if axis else None
    if column is named:
        reason = "axis"
    elif column.name == table.index:
        reason = "index"
    elif column.is_missing.all():
        reason = "empty"
    elif column.kind == "number":
        reason = "" if _can_be_read(column) else "infinite"
    else:
        reason = column.kind
    return column.name, t(f"left_out.{reason}") if reason else ""
