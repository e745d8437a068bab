"""Inputs of a model from a shard's text: ids of the tokens that it knows, in rows side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.select import Libraries, available_libraries
from rnnviz.engine.layer_runner import Chunk, initial_states
from rnnviz.engine.model_inputs import UNKNOWN_TOKENS, token_kind
from rnnviz.engine.trace_layer import trace_chunk
from rnnviz.errors import InputError, ModelError
from rnnviz.inputs.tokenise import joined_tokens
from rnnviz.network.model import Model
from rnnviz.recordings.model_inputs import as_model_inputs
from rnnviz.recordings.token_ids import TokenIds, decode_ids, long_text

WINDOW_STEPS = 256
_MAX_ROWS, _LEAST_ROW = 32, 512
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, eq=False)
class ShardInputs:
    """A shard's tokens as a model reads them, cut into rows that are read side by side.

    source   ids of the tokens; the first `n_before` only warm the states up.
    warm_up  steps that a row reads before its own from what stands before it.
    """

    model: Model
    source: TokenIds
    n_before: int
    warm_up: int

    @property
    def n_steps(self) -> int:
        """Steps that are counted."""
        return self.source.n_steps - self.n_before

    @cached_property
    def n_rows(self) -> int:
        """Rows that are read side by side; the last takes the steps that do not divide."""
        return int(np.clip(self.n_steps // _LEAST_ROW, 1, _MAX_ROWS))

    @property
    def row_steps(self) -> int:
        """Steps of every row but the last."""
        return self.n_steps // self.n_rows

    @cached_property
    def starts(self) -> Array:
        """First own step of every row, counted in the source."""
        return self.n_before + np.arange(self.n_rows) * self.row_steps

    def windows(self, layer: int, total_steps: int) -> Iterator[StateWindow]:
        """Windows of a layer's signals, each step of the shard once.

        total_steps  of the corpus; they select the kernel.
        """
        states = self._warmed_up(layer, total_steps)
        for start in range(0, self.row_steps, WINDOW_STEPS):
            stop = min(start + WINDOW_STEPS, self.row_steps)
            steps = self.starts + np.arange(start, stop)[:, None]
            yield StateWindow(steps, self._read(steps, layer, states, total_steps))
        rest = np.arange(self.starts[-1] + self.row_steps, self.source.n_steps)[:, None]
        if len(rest):
            last = [{name: state[-1:] for name, state in of.items()} for of in states]
            yield StateWindow(rest, self._read(rest, layer, last, total_steps))

    def _warmed_up(self, layer: int, total_steps: int) -> list[dict[str, Array]]:
        """States of every layer before the rows' own steps, (row, unit)."""
        states = [_initial(self.model, one, self.n_rows) for one in range(layer + 1)]
        first = int(self.starts[0] < self.warm_up)
        if self.warm_up and first < self.n_rows:
            steps = self.starts[first:] + np.arange(-self.warm_up, 0)[:, None]
            warm = [_initial(self.model, one, self.n_rows - first) for one in range(layer + 1)]
            self._read(steps, layer, warm, total_steps)
            for before, after in zip(states, warm, strict=True):
                for name, state in after.items():
                    before[name] = np.concatenate([before[name][:first], state])
        return states

    def _read(
        self, steps: Array, layer: int, states: list[dict[str, Array]], total_steps: int
    ) -> Mapping[str, Array]:
        """Signals (step, row, unit) of the layer; the states become those after the steps."""
        ids = self.source.ids[steps]
        table = self.source.feature_ids if self.source.vectors is None else self.source.vectors
        flat = decode_ids(ids.ravel(), table, len(self.source.features))
        values = flat.reshape(*ids.shape, -1)
        for number, before in enumerate(states):
            chunk = Chunk(0, total_steps, before)
            traced = trace_chunk(
                self.model.layers[number], values, chunk, self.model.dtype, libraries=_one_core()
            )
            states[number], values = dict(traced.final), traced.signals["hidden"]
        return traced.signals


@dataclass(frozen=True, eq=False)
class StateWindow:
    """Signals at some steps: `steps` (step, row), counted in the source; (step, row, unit) each."""

    steps: Array
    signals: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class KnownTokens:
    """Tokens of a text that a model knows.

    ids        (step,), indices into `tokens`.
    n_unknown  tokens that were left out.
    """

    ids: Array
    tokens: tuple[str, ...]
    n_unknown: int


def shard_inputs(model: Model, own: KnownTokens, before: KnownTokens, warm_up: int) -> ShardInputs:
    """Inputs of a shard's tokens, and of what stands before them.

    >>> from rnnviz.train import preset
    >>> model = preset("brackets_lstm").model()
    >>> own, before = known_tokens(model, "([{☃}])"), known_tokens(model, "")
    >>> shard_inputs(model, own, before, 0).n_steps, own.n_unknown
    (6, 1)
    """
    n_before = min(len(before.ids), warm_up)
    tokens = tuple(dict.fromkeys((*before.tokens, *own.tokens)))
    place = {token: i for i, token in enumerate(tokens)}
    lead, ids = (
        np.array([place[token] for token in one.tokens], np.int32)[one.ids] for one in (before, own)
    )
    joined = np.concatenate([lead[len(lead) - n_before :], ids])
    plain = TokenIds(joined, tokens, tokens, np.arange(len(tokens), dtype=np.int32))
    source = as_model_inputs(model, plain)
    assert isinstance(source, TokenIds)
    return ShardInputs(model, source, n_before, warm_up)


def no_known_tokens() -> InputError:
    """Error for a text of which the model knows no token."""
    return InputError(
        "The model knows no token of this text; choose texts in its own letters or words."
    )


def known_tokens(model: Model, text: str) -> KnownTokens:
    """Tokens of a text that the model knows; others are its "<unk>" where it has one."""
    kind, vocabulary = token_kind(model), model.vocabulary or ()
    cleaned = _UNPRINTABLE.sub("\ufffd", text.removeprefix("\ufeff").replace("\r\n", "\n"))
    if not cleaned.strip():
        return KnownTokens(np.zeros(0, np.int32), (), 0)
    read = long_text(cleaned, kind, joined=joined_tokens(vocabulary, kind))
    known = set(vocabulary)
    takes_all = any(name in known for name in UNKNOWN_TOKENS)
    is_known = np.array([takes_all or token in known for token in read.tokens])
    kept = is_known[read.ids]
    place = np.cumsum(is_known) - 1
    tokens = tuple(t for t, k in zip(read.tokens, is_known, strict=True) if k)
    return KnownTokens(place[read.ids[kept]].astype(np.int32), tokens, int((~kept).sum()))


def check_reads_text(model: Model, layer: int) -> None:
    """Raise ModelError for a model that does not read text forward, up to the layer."""
    if model.vocabulary is None:
        raise ModelError(
            "A corpus is read by the tokens of a model's vocabulary, but this model has none; give"
            " it in vocab.txt beside its file, a token a line, or with model.with_vocabulary([…])."
        )
    level = model.layers[layer].level
    if any(one.direction == "backward" for one in model.layers if one.level <= level):
        raise ModelError(
            "A corpus is read forward, but this model reads from the end too; look at single texts"
            " with rv.find_units(model, text)."
        )


def _initial(model: Model, layer: int, n_rows: int) -> dict[str, Array]:
    states = initial_states(model.layers[layer], n_rows)
    return {name: np.asarray(state, model.dtype) for name, state in states.items()}


def _one_core() -> Libraries:
    """Libraries without threads: processes take the cores, and numbers stay the same bits."""
    has_numba = available_libraries().numba != "absent"
    return Libraries("installed" if has_numba else "absent", False, 1)
