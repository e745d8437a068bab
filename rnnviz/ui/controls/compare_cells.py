"""Runs of random models of two or three cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.cells import CELLS
from rnnviz.network.random_model import initialisations
from rnnviz.ui import choices, comparison_results, state
from rnnviz.ui.controls.compare_subject import compare_input, on_shown_layer
from rnnviz.ui.controls.widgets import number_field, select, select_several
from rnnviz.ui.selections import ComparedRun, ComparedRuns, RandomModel, RunChoice
from rnnviz.ui.text import escape_markdown, t

MOST = 3
# Of these every cell draws first what it shares with its like; others draw biases in between.
_SHARED_STARTS = ("xavier", "orthogonal")


def compare_cells(expert: DeltaGenerator) -> ComparedRuns:
    """Two or three cells that read the same input."""
    settled = compare_input(expert)
    state.put(cells=[name for name in dict.fromkeys(state.get("cells")) if name in CELLS][:MOST])
    select_several(
        "cells",
        tuple(CELLS),
        text=lambda name: t(f"cell.{name}"),
        placeholder=t("cells.none"),
        max_selections=MOST,
        is_labelled=False,
    )
    with expert:
        weights_controls()
    chosen = state.get("cells")
    if len(chosen) < 2:
        st.info(t("cells.none"), icon=":material/compare:")
    if settled is None:
        return ()
    init = state.get("init") if state.get("init") in _SHARED_STARTS else _SHARED_STARTS[0]
    models = {name: replace(random_choice(name), init=init) for name in chosen}
    return on_shown_layer(
        tuple(
            ComparedRun(t(f"cell.{name}"), RunChoice(model, settled[0]))
            for name, model in models.items()
        )
    )


def cell_table(runs: ComparedRuns) -> None:
    """Table of what cells of different types can be compared by, a row a cell."""
    heads = [t(f"cells.{name}") for name in ("type", "memory", "saturated")]
    rows = [heads, ["---"] * len(heads), *map(_facts, runs)]
    with st.container(key="cell_table"):
        st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))
        st.caption(t("cells.facts"))


def _facts(one: ComparedRun) -> list[str]:
    found = comparison_results.cell_facts_of(one)
    memory = t("cells.whole" if found.is_whole else "cells.steps", steps=found.reach)
    share = found.saturated
    gates = "—" if share is None else t("answer.percent", n=format(100 * share, ".0f"))
    return [escape_markdown(one.name), memory, gates]


def weights_controls() -> None:
    """Sizes and weights of all random models of a comparison."""
    st.markdown(f"#### {t('group.weights')}")
    sizes = {"units": choices.MAX_UNITS, "layers": choices.MAX_LAYERS}
    for column, (key, most) in zip(st.columns(2), sizes.items(), strict=True):
        with column:
            number_field(key, 1, most)
    select("direction", ("forward", "backward", "both"))
    left, right = st.columns(2)
    with left:
        number_field("seed", 0, choices.MAX_SEED)
    with right:
        select("gain", choices.GAINS)


def random_choice(cell: str) -> RandomModel:
    """The untrained network of Read with this cell; what the cell cannot have is as usual."""
    kind = CELLS[cell]
    activations = chain(*kind.activations.values())
    return RandomModel(
        cell=cell,
        units=state.get("units"),
        layers=state.get("layers"),
        direction=state.get("direction"),
        seed=state.get("seed"),
        init=_one_of(initialisations(kind), state.get("init")) or _SHARED_STARTS[0],
        gain=float(state.get("gain")),
        activation=_one_of(activations, state.get("activation")),
        recurrence=_one_of(kind.recurrences[1:], state.get("recurrence")),
        backend="numpy",
    )


def _one_of(options: Iterable[str], chosen: str) -> str:
    return chosen if chosen in options else ""
