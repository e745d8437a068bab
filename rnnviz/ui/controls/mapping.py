"""Dialog for a file whose names do not tell its gates: which array is which weight."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Shapes
from rnnviz.errors import MappingNeeded, RnnvizError
from rnnviz.network.model import Model
from rnnviz.readers.mapping import check_names, mapping_slots
from rnnviz.ui import results
from rnnviz.ui.selections import ModelFile
from rnnviz.ui.text import error_text, escape_markdown, t
from rnnviz.ui.url import File

MAX_ARRAYS = 60
_MAX_LAYERS = 8
_PENDING = "pending_mapping"
_VECTOR_ROLES = ("b", "bh", "p", "h", "d")
_MATRIX_ROLES = ("x", "h", "w", "xh", "hx", "V", "embedding")
NamedSlots = tuple[tuple[str, str], ...]


def ask_mapping(file: File, shapes: Shapes) -> None:
    """Ask for the arrays of a file when the page is drawn next."""
    for key in [key for key in st.session_state if str(key).startswith("mapping_")]:
        del st.session_state[key]
    st.session_state[_PENDING] = file, shapes


def ask_mapping_again(file: File, names: NamedSlots, model: Model) -> None:
    """Ask once more, with what was said before, for a file that is open."""
    try:
        results.import_results_of(ModelFile(file))
    except MappingNeeded as error:
        ask_mapping(file, error.arrays)
        said = dict(names)
        chosen = {f"mapping_{i}": said.get(name, "") for i, name in enumerate(error.arrays)}
        chosen["mapping_cell"] = model.layers[0].cell_name
        st.session_state.update(
            chosen, mapping_layers=len(model.levels), mapping_both=len(model.levels[0]) > 1
        )


def mapping_dialog(use: Callable[[File, NamedSlots], None]) -> None:
    """The dialog, where a file asks for it.

    use  called with the file and what each array is, as (array, slot).
    """
    if _PENDING not in st.session_state:
        return
    file, shapes = st.session_state[_PENDING]
    dialog = st.dialog(t("mapping"), width="large", on_dismiss=_dismiss)
    dialog(_content)(file, shapes, use)


def _dismiss() -> None:
    st.session_state.pop(_PENDING, None)


def _content(file: File, shapes: Shapes, use: Callable[[File, NamedSlots], None]) -> None:
    st.markdown(t("mapping.why", name=escape_markdown(file.name)))
    cell, slots = _layer_controls()
    names = _array_controls(shapes, slots)
    try:
        check_names(shapes, dict(names), cell)
        problem = ""
    except RnnvizError as error:
        problem = error_text(error)
    st.caption(problem or t("mapping.fits"))
    if st.button(t("mapping.open"), type="primary", disabled=bool(problem)):
        _dismiss()
        use(file, names)
        st.rerun()


def _layer_controls() -> tuple[str, tuple[str, ...]]:
    """The cell, and the slots of as many layers as are chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        cell = st.selectbox(
            t("cell"),
            list(CELLS),
            list(CELLS).index("lstm"),
            key="mapping_cell",
            format_func=lambda name: t(f"cell.{name}"),
        )
        n_levels = st.number_input(t("layers"), 1, _MAX_LAYERS, key="mapping_layers")
        is_both = st.toggle(t("mapping.both"), key="mapping_both")
    return cell, mapping_slots(cell, n_levels, is_both=is_both)


def _array_controls(shapes: Shapes, slots: tuple[str, ...]) -> NamedSlots:
    """A choice for every array; those that are none of the layer's are left out."""
    chosen = []
    columns = st.columns(2)
    for i, (name, shape) in enumerate(list(shapes.items())[:MAX_ARRAYS]):
        slot = columns[i % 2].selectbox(
            f"{escape_markdown(name)} · {shape}",
            ["", *_fitting(slots, shape)],
            key=f"mapping_{i}",
            format_func=lambda slot: slot or t("mapping.unused"),
        )
        if slot:
            chosen.append((name, slot))
    if len(shapes) > MAX_ARRAYS:
        st.caption(t("mapping.more", n=MAX_ARRAYS))
    return tuple(chosen)


def _fitting(slots: tuple[str, ...], shape: tuple[int, ...]) -> list[str]:
    """The slots for an array of as many axes."""
    roles: tuple[str, ...] = _MATRIX_ROLES if len(shape) == 2 else ()
    if sum(n != 1 for n in shape) <= 1:
        roles += _VECTOR_ROLES
    return [slot for slot in slots if slot.rpartition(".")[2] in roles]
