"""Links from the time when a random network and an opened one had a page each."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.ui.choices import UNTRAINED

_OLD_MODEL_PAGE = "/model"
_FIRST_OF_OLD_LIST = "preset:next_character_lstm"
# What a random network's page could be told. An address of today that says any of it also says
# its model.
NEEDS_MODEL = frozenset(
    {
        *("cell", "units", "layers", "direction", "seed", "init", "gain"),
        *("activation", "recurrence", "backend", "kind", "text", "encoding", "size"),
        *("upload", "columns", "scale", "missing", "axis", "reading"),
        *("layer", "order", "draw", "show", "only", "step", "from", "to", "how", "pick"),
        *("do", "do_units", "do_steps", "versus", "compare"),
    }
)


def with_model(path: str, address: Mapping[str, str]) -> dict[str, str]:
    """An address with the model that it meant.

    path  of the page, "/model" for that of opened models.

    >>> with_model("/", {"cell": "gru"})
    {'cell': 'gru', 'model': 'untrained'}
    >>> with_model("/model", {"says": "hello"})
    {'says': 'hello', 'model': 'preset:next_character_lstm'}
    >>> with_model("/", {"lang": "en"})
    {'lang': 'en'}
    """
    if path.endswith(_OLD_MODEL_PAGE) or address.get("subject") == "opened":
        return {**address, "model": address.get("model", _FIRST_OF_OLD_LIST)}
    if address.get("subject") == "random":
        return {**address, "model": UNTRAINED}
    if path.endswith("/compare") and "compare" not in address and "cells" in address:
        address = {**address, "compare": "cells"}
    if "model" not in address and not NEEDS_MODEL.isdisjoint(address):
        return {**address, "model": UNTRAINED}
    return dict(address)
