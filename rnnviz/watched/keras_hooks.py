"""Calls of a recurrent layer of Keras, watched around its loop over the steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rnnviz.errors import ModelError
from rnnviz.readers.torch.layer_run import LayerReading
from rnnviz.watched.hooks import CallKeeper, is_in_graph


@contextmanager
def keras_hooked(calls: CallKeeper) -> Iterator[None]:
    """A context in which a layer's calls are kept; the layer is its own again afterwards.

    The contexts of one layer may end in any order.
    """
    layer = calls.layer
    loop = vars(layer).get("inner_loop")
    if not isinstance(loop, _Loop):
        loop = layer.__dict__["inner_loop"] = _Loop(layer)
    loop.keepers.append(calls)
    try:
        yield
    finally:
        loop.keepers.remove(calls)
        if not loop.keepers:
            loop.leave()
        calls.end()


class _Loop:
    """A layer's loop over its steps, which hands on what it read and gave to its keepers.

    The loop gives all its steps while it is watched, and the layer takes of them what it did.
    """

    def __init__(self, layer: Any) -> None:
        self.keepers: list[CallKeeper] = []
        self._layer, self._loop = layer, layer.inner_loop
        self._own = {name: one for name, one in vars(layer).items() if name == "inner_loop"}

    def leave(self) -> None:
        """Give the layer its own loop back."""
        del self._layer.__dict__["inner_loop"]
        self._layer.__dict__.update(self._own)

    def __call__(self, *args: Any, **options: Any) -> Any:
        layer = self._layer
        gives_all, layer.return_sequences = layer.return_sequences, True
        try:
            given = self._loop(*args, **options)
        finally:
            layer.return_sequences = gives_all
        for calls in self.keepers:
            if is_in_graph():
                calls.is_in_graph = True
            # Keras works out shapes with tensors without numbers.
            elif not getattr(given[1], "is_meta", True):
                calls.add(layer, lambda: _reading(layer, given, *args, **options))
        return given


def _reading(
    layer: Any, given: Any, sequences: Any, initial_state: Any, mask: Any, training: bool = False
) -> LayerReading:
    """Steps that are not masked, time first, in the tokens' order also where it reads backwards."""
    if training and (layer.dropout or layer.recurrent_dropout):
        raise ModelError(
            "“{layer}” drops out what it reads while it trains, so that its gates are not known;"
            " call the model with training=False.",
            layer=layer.name,
        )
    _, outputs, end = given
    values, hidden = sequences.swapaxes(0, 1), outputs.swapaxes(0, 1)
    if layer.go_backwards:
        hidden = hidden.flip(0)
    start, end = (tuple(state[None] for state in states) for states in (initial_state, end))
    mask = mask[0] if isinstance(mask, list | tuple) else mask
    if mask is None:
        return LayerReading(values, (len(values),) * values.shape[1], start, hidden, end)
    is_real = mask.swapaxes(0, 1).bool()
    lengths = tuple(is_real.sum(0).tolist())
    return LayerReading(_first(values, is_real), lengths, start, _first(hidden, is_real), end)


def _first(values: Any, is_real: Any) -> Any:
    """Each row's real steps (time, batch, …) before all others, which mean nothing."""
    order = is_real.logical_not().long().argsort(dim=0, stable=True)
    n_steps = int(is_real.sum(0).max())
    return values.take_along_dim(order[..., None], 0)[:n_steps]
