"""Dialog for a file whose names do not tell its gates: which array is which weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Shapes
from rnnviz.errors import MappingNeeded, RnnvizError
from rnnviz.network.model import Model
from rnnviz.ui import results, state
from rnnviz.ui.controls.notice import MODEL_NOTICE, TWIN_NOTICE, Notice, Offer, put_notice
from rnnviz.ui.selections import ModelFile
from rnnviz.ui.text import error_text, escape_markdown, t
from rnnviz.ui.url import File

MAX_ARRAYS = 60
_MAX_LAYERS = 8
_PENDING, _SAID = "pending_mapping", "said_mapping"
_TURNED = ".T"
_TURNABLE = ("x", "h", "w", "xh", "hx")
_VECTOR_ROLES = ("b", "bh", "p", "h", "d")
_MATRIX_ROLES = ("x", "h", "w", "xh", "hx", "V", "embedding")
NamedSlots = tuple[tuple[str, str], ...]


def ask_mapping(file: File, error: MappingNeeded, place: str = MODEL_NOTICE) -> None:
    """Ask for the arrays of a file when the page is drawn next, with what was said or is likely.

    place  of the notices of the model that the file is to be.
    """
    for key in [key for key in st.session_state if str(key).startswith("mapping_")]:
        del st.session_state[key]
    put_notice(place, None)
    st.session_state[_PENDING] = file, error, place
    said = st.session_state.get(_SAID)
    if said is not None and said[0] == file.digest:
        st.session_state.update(said[1])
        return
    from rnnviz.readers.likely_names import likely_names

    cell, names = likely_names(error.arrays)
    _fill(error.arrays, names)
    if cell:
        st.session_state["mapping_cell"] = cell


def ask_mapping_again(
    file: File, names: NamedSlots, model: Model, place: str = MODEL_NOTICE
) -> None:
    """Ask once more, with what was said before, for a file that is open."""
    try:
        results.import_results_of(ModelFile(file))
    except MappingNeeded as error:
        ask_mapping(file, error, place)
        _fill(error.arrays, dict(names))
        st.session_state.update(
            mapping_cell=model.layers[0].cell_name,
            mapping_layers=len(model.levels),
            mapping_both=len(model.levels[0]) > 1,
        )


def _fill(shapes: Shapes, names: Mapping[str, str]) -> None:
    for i, array in enumerate(shapes):
        slot = names.get(array, "")
        st.session_state[f"mapping_{i}"] = slot.removesuffix(_TURNED)
        st.session_state[f"mapping_turned_{i}"] = slot.endswith(_TURNED)


def mapping_dialog(use: Callable[[File, str, NamedSlots], None], place: str = MODEL_NOTICE) -> None:
    """The dialog, where a file asks for it.

    use    called with the file, the cell, and what each array is, as (array, slot).
    place  of the notices of the model that the file is to be.
    """
    file, error, asked = st.session_state.get(_PENDING, (None, None, ""))
    if asked != place:
        return
    dialog = st.dialog(t("mapping"), width="large", on_dismiss=_leave)
    dialog(_content)(file, error.arrays, use)


def _leave() -> None:
    """Close the dialog, with a way back to it."""
    file, error, place = st.session_state[_PENDING]
    _close()
    opened = state.uploaded_twin() if place == TWIN_NOTICE else state.uploaded_model()
    if opened is not None and opened.digest == file.digest:
        return
    again = Offer("mapping.again", ask_mapping, (file, error, place))
    put_notice(place, Notice(error, (again,)))


def _close() -> None:
    st.session_state.pop(_PENDING, None)


def _content(file: File, shapes: Shapes, use: Callable[[File, str, NamedSlots], None]) -> None:
    from rnnviz.readers.mapping import check_names

    st.markdown(t("mapping.why", name=escape_markdown(file.name)))
    cell, slots = _layer_controls()
    names = _array_controls(shapes, slots)
    said = {key: value for key, value in st.session_state.items() if _is_said(str(key))}
    st.session_state[_SAID] = file.digest, said
    try:
        check_names(shapes, dict(names), cell)
        problem = ""
    except RnnvizError as error:
        problem = error_text(error)
    st.caption(problem or t("mapping.fits"))
    if st.button(t("mapping.open"), type="primary", disabled=bool(problem)):
        _close()
        use(file, cell, names)
        st.rerun()


def _is_said(key: str) -> bool:
    return key.startswith("mapping_")


def _layer_controls() -> tuple[str, tuple[str, ...]]:
    """The cell, and the slots of as many layers as are chosen."""
    from rnnviz.readers.mapping import mapping_slots

    st.session_state.setdefault("mapping_cell", "lstm")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        cell = st.selectbox(
            t("cell"), list(CELLS), key="mapping_cell", format_func=lambda name: t(f"cell.{name}")
        )
        n_levels = st.number_input(t("layers"), 1, _MAX_LAYERS, key="mapping_layers")
        is_both = st.toggle(t("mapping.both"), key="mapping_both")
    return cell, mapping_slots(cell, n_levels, is_both=is_both)


def _array_controls(shapes: Shapes, slots: tuple[str, ...]) -> NamedSlots:
    """A choice for every array; those that are none of the layer's are left out."""
    chosen = []
    columns = st.columns(2)
    for i, (name, shape) in enumerate(list(shapes.items())[:MAX_ARRAYS]):
        with columns[i % 2]:
            slot = _slot_of(i, f"{escape_markdown(name)} · {shape}", _fitting(slots, shape), shape)
        if slot:
            chosen.append((name, slot))
    if len(shapes) > MAX_ARRAYS:
        st.caption(t("mapping.more", n=MAX_ARRAYS))
    return tuple(chosen)


def _slot_of(i: int, label: str, slots: list[str], shape: tuple[int, ...]) -> str:
    """The slot chosen for an array; "" for none."""
    key = f"mapping_{i}"
    if st.session_state.get(key) not in slots:
        st.session_state[key] = ""
    slot: str = st.selectbox(
        label, ["", *slots], key=key, format_func=lambda slot: slot or t("mapping.unused")
    )
    is_matrix = len(shape) == 2 and slot.rpartition(".")[2] in _TURNABLE
    if is_matrix and st.checkbox(t("mapping.turned"), key=f"mapping_turned_{i}"):
        return slot + _TURNED
    return slot


def _fitting(slots: tuple[str, ...], shape: tuple[int, ...]) -> list[str]:
    """The slots for an array of as many axes."""
    roles: tuple[str, ...] = _MATRIX_ROLES if len(shape) == 2 else ()
    if sum(n != 1 for n in shape) <= 1:
        roles += _VECTOR_ROLES
    return [slot for slot in slots if slot.rpartition(".")[2] in roles]
