"""A live module's run as the engine takes it: the model, what it read, and what it gave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence, zero_padding
from rnnviz.network.model import Model
from rnnviz.readers.certainty import Assumption, RunScope
from rnnviz.readers.recurrent import RecurrentModule
from rnnviz.readers.torch.numbers import numpy_of
from rnnviz.readers.torch.reference import call_layer, torch_layer


class Witness(Protocol):
    """The framework's hidden states of a run.

    scope  of the run, as in `rnnviz.readers.certainty.Parity`.
    """

    @property
    def scope(self) -> RunScope:
        """Scope of the run."""

    def hidden(self, sequence: Sequence) -> Array:
        """States (time, batch, unit) of the top level; behind a row's end they mean nothing."""


@dataclass(frozen=True, eq=False)
class LiveRun:
    """What a live module's recurrent layers read, and what they gave.

    model     the layers with the states that they started from, and the readout.
    sequence  what the lowest layer read.
    witness   of the top level's hidden states.
    tensor    the sequence's values with their gradient, where they have one.
    assumed   without evidence.
    rounding  type to which the module rounds its numbers where ours are kept: "bfloat16", "TF32".
    """

    model: Model
    sequence: Sequence
    witness: Witness
    tensor: Any = None
    assumed: tuple[Assumption, ...] = ()
    rounding: str = ""

    def __post_init__(self) -> None:
        # The columns that a module was given are its inputs, whatever they stand for.
        if self.sequence.encoding == "one_hot" and self.sequence.n_features == self.model.n_inputs:
            named = replace(self.model, vocabulary=self.sequence.features, embedding=None)
            object.__setattr__(self, "model", named)


@dataclass(frozen=True, eq=False)
class RecordedStates:
    """Hidden states (time, batch, unit) that a module gave when it ran."""

    states: Array
    scope: RunScope = "whole"

    def hidden(self, sequence: Sequence) -> Array:
        """States of the run."""
        return self.states


@dataclass(frozen=True, eq=False)
class LayerAlone:
    """A layer of torch's own class, which is made again from its weights and runs when asked.

    initial  states in torch's order, (layer · direction, batch, unit); none for zeros.
    """

    own: RecurrentModule
    initial: tuple[Array, ...] = ()
    scope: RunScope = "whole"

    def hidden(self, sequence: Sequence) -> Array:
        """States of the run over a sequence."""
        import torch

        is_double = any(array.itemsize > 4 for array in self.own.arrays.values())
        dtype = torch.float64 if is_double else torch.float32
        layer = torch_layer(self.own, self.own.activation, dtype)
        start = tuple(torch.tensor(state, dtype=dtype) for state in self.initial)
        values = torch.tensor(zero_padding(sequence.values, sequence), dtype=dtype)
        with torch.no_grad():
            return numpy_of(call_layer(layer, values, sequence.lengths, start or None))
