"""Names of variables in the layout of Keras 1 and 2, "lstm/lstm_cell/kernel:0", by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def by_layer(names: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The legacy format's groups; that of a model inside the model as groups of its layers.

    >>> by_layer({"m": ("m/lstm/kernel:0", "m/lstm/recurrent_kernel:0", "m/dense/kernel:0")})
    {'m/lstm': ('m/lstm/kernel:0', 'm/lstm/recurrent_kernel:0'), 'm/dense': ('m/dense/kernel:0',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for group, inside in names.items():
        places = names_by_place(inside)
        is_recurrent = [holds_recurrence(each) for each in places.values()]
        is_model = any(is_recurrent) and not all(is_recurrent)
        found |= places if is_model else {group: inside}
    return found


def names_by_place(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Names by what stands before their last part: kernel, recurrent_kernel, bias of one cell."""
    places: dict[str, list[str]] = {}
    for name in names:
        places.setdefault(name.rpartition("/")[0], []).append(name)
    return {place: tuple(each) for place, each in places.items()}


def holds_recurrence(names: Iterable[str]) -> bool:
    """True when a recurrent kernel is among the names."""
    return any(last_part(name) == "recurrent_kernel" for name in names)


def last_part(name: str) -> str:
    """The variable itself.

    >>> last_part("lstm/lstm_cell/kernel:0")
    'kernel'
    """
    return name.rpartition("/")[2].partition(":")[0]
