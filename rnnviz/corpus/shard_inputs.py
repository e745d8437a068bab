"""Inputs of a model from a shard's text: ids of the tokens that it knows, in rows side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.corpus.rows import Rows, batches, cut_rows
from rnnviz.engine.kernels.select import Libraries, available_libraries
from rnnviz.engine.layer_runner import Chunk, initial_states
from rnnviz.engine.model_inputs import UNKNOWN_TOKENS, token_kind
from rnnviz.engine.trace_layer import trace_chunk
from rnnviz.errors import InputError, ModelError
from rnnviz.inputs.tokenise import are_code_points, iter_tokens, joined_tokens
from rnnviz.network.model import Model
from rnnviz.recordings.model_inputs import as_model_inputs
from rnnviz.recordings.token_ids import TokenIds, decode_ids, long_text

# A window's signals should be few enough that they are read again before they leave the cache, and
# enough that reading them costs more than beginning to.
_MOST_CELLS, _LEAST_CELLS = 4096, 3072
_LEAST_STEPS, _MOST_STEPS = 64, 128
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, eq=False)
class ShardInputs:
    """A shard's texts as a model reads them, cut into rows that are read side by side.

    source    ids of the tokens of all texts, one after the other, as the model reads them.
    tokens    by the same ids, as they are written: of what is read as "<unk>", the text.
    starts    first own steps of the texts, (text,); what stands before the first one only warms up.
    warm_up   steps that a row reads before its own from what stands before it in its text.
    """

    model: Model
    source: TokenIds
    tokens: tuple[str, ...]
    starts: Array
    warm_up: int

    @property
    def n_steps(self) -> int:
        """Steps that are counted."""
        return self.source.n_steps - int(self.starts[0])

    @cached_property
    def firsts(self) -> Array:
        """First steps of the texts with what stands before the first one, (text,)."""
        return np.concatenate([[0], self.starts[1:]])

    @cached_property
    def stops(self) -> Array:
        """Steps after the last of the texts, (text,)."""
        return np.concatenate([self.starts[1:], [self.source.n_steps]])

    def spans(self, steps: Array) -> tuple[Array, Array]:
        """First steps of the texts that steps (place,) lie in, and those after their last."""
        text = np.searchsorted(self.stops, steps, side="right")
        return self.firsts[text], self.stops[text]

    def windows(self, layer: int, n_tokens: int) -> Iterator[StateWindow]:
        """Windows of a layer's signals, each step of the shard once.

        n_tokens  of the corpus, about; they select the kernel.
        """
        rows = cut_rows(self.starts, self.stops, self.firsts, self.warm_up)
        for part, batch in batches(rows):
            states = self._warmed_up(batch, layer, n_tokens)
            for start, stop in _cut(batch):
                active = batch[np.arange(batch.n_active(start))]
                states = [{n: s[: len(active.starts)] for n, s in of.items()} for of in states]
                at = np.arange(start, stop)[:, None]
                steps = active.starts + np.minimum(at, active.lengths - 1)
                signals = self._read(steps, layer, states, n_tokens)
                yield StateWindow(part, start, steps, at < active.lengths, signals)

    def _warmed_up(self, rows: Rows, layer: int, n_tokens: int) -> list[dict[str, Array]]:
        """States of every layer before the rows' own steps, (row, unit)."""
        states = [_initial(self.model, one, len(rows.starts)) for one in range(layer + 1)]
        for lead in sorted(set(rows.leads.tolist()) - {0}):
            at = np.flatnonzero(rows.leads == lead)
            warm = [{name: state[at] for name, state in of.items()} for of in states]
            for start in range(-lead, 0, _LEAST_STEPS):
                stop = min(start + _LEAST_STEPS, 0)
                steps = rows.starts[at] + np.arange(start, stop)[:, None]
                self._read(steps, layer, warm, n_tokens)
            for before, after in zip(states, warm, strict=True):
                for name, state in after.items():
                    before[name][at] = state
        return states

    def _read(
        self, steps: Array, layer: int, states: list[dict[str, Array]], n_tokens: int
    ) -> Mapping[str, Array]:
        """Signals (step, row, unit) of the layer; the states become those after the steps."""
        ids = self.source.ids[steps]
        table = self.source.feature_ids if self.source.vectors is None else self.source.vectors
        flat = decode_ids(ids.ravel(), table, len(self.source.features))
        values = flat.reshape(*ids.shape, -1)
        for number, before in enumerate(states):
            # The kernel is that of the whole corpus, however many rows a window has.
            chunk = Chunk(0, n_tokens // ids.shape[1], before)
            traced = trace_chunk(
                self.model.layers[number], values, chunk, self.model.dtype, libraries=_one_core()
            )
            states[number], values = dict(traced.final), traced.signals["hidden"]
        return traced.signals


@dataclass(frozen=True, eq=False)
class StateWindow:
    """Signals (step, row, unit) at some steps.

    part    that its rows belong to: those to choose on, or those held out.
    start   number of its first step in the rows.
    steps   (step, row), counted in the source.
    is_own  (step, row), False where a row has ended.
    """

    part: int
    start: int
    steps: Array
    is_own: Array
    signals: Mapping[str, Array]


def _cut(rows: Rows) -> Iterator[tuple[int, int]]:
    """Windows of a batch, up to its longest row: each ends where a row ends, or a little later."""
    start, last = 0, int(rows.lengths[0])
    while start < last:
        active = rows.n_active(start)
        ends = max(int(rows.lengths[active - 1]), start + _n_steps(_LEAST_CELLS, active))
        stop = min(start + _n_steps(_MOST_CELLS, active), ends, last)
        yield start, stop
        start = stop


def _n_steps(n_cells: int, n_rows: int) -> int:
    """Steps of a window of so many rows."""
    return min(max(n_cells // n_rows, _LEAST_STEPS), _MOST_STEPS)


@dataclass(frozen=True, eq=False)
class KnownTokens:
    """Tokens of texts that a model knows.

    ids           (step,), indices into `tokens`, of all texts one after the other.
    lengths       of the texts, (text,).
    n_unknown     tokens that were left out.
    n_as_unknown  tokens of `ids` that are read as the model's "<unk>".
    """

    ids: Array
    tokens: tuple[str, ...]
    lengths: Array
    n_unknown: int
    n_as_unknown: int


def shard_inputs(model: Model, own: KnownTokens, before: KnownTokens, warm_up: int) -> ShardInputs:
    """Inputs of a shard's tokens, and of what stands before its first text's own.

    >>> from rnnviz.train import preset
    >>> model = preset("brackets_lstm").model()
    >>> own, before = known_tokens(model, ["([{☃}])"]), known_tokens(model, [])
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
    lengths = own.lengths[own.lengths > 0]
    return ShardInputs(model, source, tokens, n_before + np.cumsum(lengths) - lengths, warm_up)


def no_known_tokens() -> InputError:
    """Error for a text of which the model knows no token."""
    return InputError(
        "The model knows no token of this text; choose texts in its own letters or words."
    )


def known_tokens(model: Model, texts: Sequence[str]) -> KnownTokens:
    """Tokens of texts that the model knows; others are its "<unk>" where it has one."""
    vocabulary = model.vocabulary or ()
    ids, tokens, lengths = _numbered([_cleaned(text) for text in texts], model)
    takes_all = any(name in vocabulary for name in UNKNOWN_TOKENS)
    known = set(vocabulary)
    is_known = np.array([token in known for token in tokens], bool)
    is_read = is_known | takes_all
    kept = is_read[ids]
    place = np.cumsum(is_read) - 1
    so_far, ends = np.concatenate([[0], np.cumsum(kept)]), np.cumsum(lengths)
    return KnownTokens(
        place[ids[kept]].astype(np.int32),
        tuple(t for t, k in zip(tokens, is_read, strict=True) if k),
        so_far[ends] - so_far[ends - lengths],
        int((~kept).sum()),
        int((kept & ~is_known[ids]).sum()),
    )


def _cleaned(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text.removeprefix("\ufeff").replace("\r\n", "\n"))


def _numbered(texts: list[str], model: Model) -> tuple[Array, tuple[str, ...], Array]:
    """Ids (step,) of the tokens of all texts, the different ones, and each text's length."""
    kind, whole = token_kind(model), "".join(texts)
    joined = joined_tokens(model.vocabulary or (), kind)
    if whole.strip() and kind == "characters" and not joined and are_code_points(whole):
        read = long_text(whole, kind)
        return read.ids, read.tokens, np.array([len(text) for text in texts])
    number: dict[str, int] = {}
    ids = [
        np.fromiter(
            (number.setdefault(t, len(number)) for t in iter_tokens(text, kind, joined)), int
        )
        for text in texts
    ]
    lengths = np.array([len(of_text) for of_text in ids], int)
    return np.concatenate([np.zeros(0, int), *ids]), tuple(number), lengths


def check_reads_text(model: Model, layer: int) -> None:
    """Raise ModelError for a model that does not read text forward, up to the layer."""
    if model.vocabulary is None:
        raise ModelError(
            "A corpus is read by the tokens of a model's vocabulary, but this model has none; give"
            " it in vocab.txt beside its file, a token a line and a line break as \\n, or with"
            " model.with_vocabulary([…])."
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
