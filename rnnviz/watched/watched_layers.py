"""Watched layers of a model: their kept calls, traced when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import overload

import numpy as np

from rnnviz.core.checks import shown
from rnnviz.core.html_table import html_lines, html_table
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError, RnnvizError
from rnnviz.formatting import number_of
from rnnviz.watched.kept_calls import CallLog, KeptCall
from rnnviz.watched.traced_call import difference_of, traced_call

# Letters of a refusal that stands in the place of a number, and calls in a notebook's table.
_MOST_LETTERS, _MOST_CALLS = 400, 20
_CALL_HEADINGS = ("call", "steps", "rows", "largest |Δh|")
_HEADINGS = ("layer", "calls", "steps", "largest |Δh|")


class WatchedLayer(Sequence[Trace]):
    """The kept calls of a layer, oldest first; each is traced when it is asked for."""

    def __init__(self, calls: CallLog) -> None:
        self._calls = calls
        self._differences: dict[tuple[int, int], float] = {}

    @property
    def n_calls(self) -> int:
        """All calls, also those that are not kept; a loop over a cell is one."""
        return self._calls.n_calls

    @property
    def n_steps(self) -> int:
        """Timesteps of all calls."""
        return self._calls.n_steps

    @property
    def refusal(self) -> RnnvizError | None:
        """Why calls could not be kept; None where they could."""
        return self._calls.refusal

    @property
    def difference(self) -> float:
        """Largest |Δh| between the traces of all kept calls and what the layer gave.

        NaN where nothing could be compared. Raises ModelError where the layer computes something
        else than its class does.
        """
        gaps = [self._difference(call) for call in list(self._calls.kept)]
        known = [gap for gap in gaps if not np.isnan(gap)]
        return max(known, default=np.nan)

    def joined(self) -> list[Trace]:
        """Traces of the kept calls as sequences: of a stream, of a policy along its episodes.

        A call is joined with the one before where it goes on from the states that this one left.
        A layer that reads backwards never does.
        """
        return [traced_call(self._calls, call) for call in self._sequences()]

    def _sequences(self) -> list[KeptCall]:
        found: list[KeptCall] = []
        layer = self._calls.layer
        # Torch's reads both ways, Keras' one way back.
        ways = (getattr(layer, way, False) for way in ("bidirectional", "go_backwards"))
        is_forward = not any(ways)
        before = None
        for call in list(self._calls.kept):
            if before is not None and is_forward and call.goes_on(before):
                found[-1].parts.extend(call.parts)
            else:
                found.append(replace(call, parts=list(call.parts)))
            before = call
        return found

    def _difference(self, call: KeptCall) -> float:
        # A loop that is still open grows.
        key = (call.number, len(call.parts))
        if key not in self._differences:
            self._differences[key] = difference_of(traced_call(self._calls, call))
        return self._differences[key]

    def __len__(self) -> int:
        return len(self._calls.kept)

    @overload
    def __getitem__(self, index: int) -> Trace: ...
    @overload
    def __getitem__(self, index: slice) -> list[Trace]: ...
    def __getitem__(self, index: int | slice) -> Trace | list[Trace]:
        kept = list(self._calls.kept)
        if isinstance(index, slice):
            return [traced_call(self._calls, call) for call in kept[index]]
        if not kept and self.refusal is not None:
            raise self.refusal
        if not -len(kept) <= index < len(kept):
            raise IndexError(
                f"“{self._calls.path}” was called {self.n_calls} times while it was watched, and"
                f" {len(kept)} calls are kept; there is no [{index}]."
            )
        return traced_call(self._calls, kept[index])

    def __repr__(self) -> str:
        return f"<{len(self)} of {self.n_calls} calls, {self.n_steps} steps>"

    def _repr_html_(self) -> str:
        """A line for each of the latest kept calls, and why others could not be kept."""
        kept = list(self._calls.kept)
        title = f"{self._calls.name}: {len(kept)} of {number_of(self.n_calls, 'call')} kept"
        rows = [self._row(call) for call in kept[-_MOST_CALLS:]]
        earlier = [f"… {len(kept) - len(rows)} earlier"] * (len(rows) < len(kept))
        refused = [] if self.refusal is None else [shown(self.refusal, _MOST_LETTERS)]
        table = html_table(title, _CALL_HEADINGS, rows, _MOST_LETTERS)
        return table + html_lines([*earlier, *refused])

    def _row(self, call: KeptCall) -> tuple[object, ...]:
        lengths = call.reading.lengths
        gap = _difference_text(lambda: self._difference(call))
        return call.number, max(lengths), len(lengths), gap


class Watched(Mapping[str, WatchedLayer]):
    """Kept calls of a model's recurrent layers, by path: "encoder.rnn".

    Printed, it is a table: of every layer the calls, the steps, and the largest difference of the
    kept calls from what the layer gave.
    """

    def __init__(self, layers: Mapping[str, WatchedLayer]) -> None:
        self._layers = dict(layers)

    def __getitem__(self, path: str) -> WatchedLayer:
        if path not in self._layers:
            raise InputError(
                "A watched layer is wanted, one of {paths}, but {came} came.",
                paths=shown(", ".join(map(repr, self._layers)), 200),
                came=shown(repr(path)),
            )
        return self._layers[path]

    def __contains__(self, path: object) -> bool:
        return path in self._layers

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def __repr__(self) -> str:
        rows = [_HEADINGS, *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )

    def _repr_html_(self) -> str:
        """A line for every layer; all text is escaped, for a path may be hostile."""
        return html_table("", _HEADINGS, self._rows(), _MOST_LETTERS)

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (path or "(itself)", str(layer.n_calls), str(layer.n_steps), _largest(layer))
            for path, layer in self._layers.items()
        ]


def _largest(layer: WatchedLayer) -> str:
    return _difference_text(lambda: layer.difference, layer.refusal)


def _difference_text(difference: Callable[[], float], refusal: RnnvizError | None = None) -> str:
    """A difference, or why there is none; a dash where nothing could be compared."""
    try:
        gap = difference()
    except RnnvizError as error:
        return str(error)
    if refusal is not None:
        return str(refusal)
    return "—" if np.isnan(gap) else f"{gap:.1e}"
