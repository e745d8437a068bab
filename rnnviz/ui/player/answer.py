"""The network's answer at the player's step, large, with bars that keep their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from rnnviz.analysis.answer import Answer
from rnnviz.core.arrays import Array
from rnnviz.formatting import format_number, token_label
from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack_arrays

# Tokens to come that are listed at a step.
N_NEXT = 6
_MAX_NAME = 60
# So many outputs are all named, so that the page can show an answer that it computes itself.
_MAX_ALL_NAMED = 256
_WORDS = ("region", "truth", "original", "percent", "right", "came", "was")


@dataclass(frozen=True)
class Passage:
    """A text as it stands up to the cursor.

    written  tokens from this place on were written by the network.
    glue     what stands between two tokens.
    trace    the numbers in which it is played; "" where nothing is to be played.
    plays    another number than before makes the player play what was written.
    """

    tokens: tuple[str, ...]
    written: int
    glue: str = ""
    trace: str = ""
    plays: int = 0


def answer_chart(
    view: Answer,
    *,
    key: str,
    playhead: str,
    language: str,
    notes: Iterable[str] = (),
    original: Answer | None = None,
    passage: Passage | None = None,
) -> None:
    """The answer at a playhead's step; the browser needs no server to follow the player.

    notes     sentences under it.
    original  the answers of the run without interventions, drawn as marks.
    passage   the text that is read, where the answer is the token to come.
    """
    packet = answer_packet(
        view,
        playhead=playhead,
        language=language,
        notes=notes,
        original=original,
        passage=passage,
    )
    component("answer")(data=packet, key=key)


def answer_packet(
    view: Answer,
    *,
    playhead: str,
    language: str,
    notes: Iterable[str] = (),
    original: Answer | None = None,
    passage: Passage | None = None,
) -> bytes:
    """Names, words, and series (time, …) of numbers, each with its start and its numbers a step.

    >>> from rnnviz import parse, trace
    >>> from rnnviz.analysis.answer import answer
    >>> from rnnviz.train import preset
    >>> view = answer(trace(preset("brackets_lstm").model(), parse("(", kind="characters")))
    >>> b"brackets_lstm" in answer_packet(view, playhead="brackets_lstm", language="en")
    True
    """
    series = _series(view, original)
    used = _used(view, series)
    header = {
        "playhead": playhead,
        "kind": view.kind,
        "lead": _lead(view, language),
        "names": [output_name(view, output) for output in used],
        "rows": [] if view.kind == "next" else [output_name(view, output) for output in view.bars],
        "n_rows": series["values"].shape[1],
        "n_outputs": len(view.names),
        "bars": view.bars,
        "n_steps": view.n_steps,
        "notes": list(notes),
        "words": _words(view, language),
        "series": _places(series),
        "passage": asdict(passage) if passage is not None else None,
        **_scale(view, original),
    }
    numbered = {name: _numbered(name, array, used) for name, array in series.items()}
    return pack_arrays(header, numbered.values())


def answer_notes(view: Answer, language: str) -> Iterator[str]:
    """Sentences under an answer: what it is worth, and of which it is one."""
    if not view.is_trained:
        yield word("answer.note.untrained", language)
    elif view.is_asked_last:
        yield word("answer.note.last", language)
    if view.is_trained and view.task and view.kind == "classes":
        yield word("answer.note.only", language, count=len(view.names))
    if view.reads_ahead:
        yield word("answer.note.ahead", language)
    if view.is_trained and view.perplexity is not None:
        value, count = format_number(view.perplexity), len(view.names)
        yield word("answer.note.perplexity", language, value=value, count=count)


def _words(view: Answer, language: str) -> dict[str, str]:
    words = {name: word(f"answer.{name}", language) for name in _WORDS}
    if view.kind == "numbers":
        # Of numbers there is no share.
        words["was"] = word("answer.was_numbers", language)
    left = len(view.names) - len(view.bars)
    if view.kind == "classes" and left:
        words["rest"] = word("answer.rest", language, count=left)
    return words


def output_name(view: Answer, output: int) -> str:
    """The name of an output as the answer writes it."""
    name = view.names[output]
    # Only a token that is a space has to show it.
    return token_label(name) if view.kind == "next" else name[:_MAX_NAME]


def _lead(view: Answer, language: str) -> str:
    if not view.is_trained:
        return word("answer.lead.untrained", language)
    known = view.task or ("next" if view.kind == "next" else "other")
    return word(f"answer.lead.{known}", language)


def _series(view: Answer, original: Answer | None) -> dict[str, Array]:
    """Arrays (time, …) by name, outputs by their numbers in the model."""
    if view.kind == "numbers":
        bars = list(view.bars)
        series = {"values": view.values[:, bars], "truth": view.truth[:, bars]}
        return series | ({"original": original.values[:, bars]} if original else {})
    series = _shares(view) | {
        "best": _with_share(view, view.best),
        "truth": _with_share(view, view.truth) if view.truth.ndim == 1 else _unknown(view),
    }
    if original is not None:
        series |= {"before": _with_share(original, original.best)}
        if view.kind != "next":
            series |= {"original": original.values[:, list(view.bars)]}
    return series


def _shares(view: Answer) -> dict[str, Array]:
    """The bars: which outputs they are, and their probabilities."""
    if view.kind == "next":
        which = view.likeliest(N_NEXT)
    else:
        which = np.broadcast_to(view.bars, (view.n_steps, len(view.bars)))
    values = np.take_along_axis(view.values, which, axis=1)
    rest = np.maximum(1 - values.sum(axis=1, keepdims=True, dtype=np.float64), 0)
    return {"values": values, "which": which, "rest": rest}


def _with_share(view: Answer, outputs: Array) -> Array:
    """Outputs (time,) with the probabilities that they have here, (time, 2)."""
    known = ~np.isnan(outputs)
    pairs = np.full((view.n_steps, 2), np.nan)
    steps, numbers = np.flatnonzero(known), outputs[known].astype(int)
    pairs[known] = np.stack([numbers, view.values[steps, numbers]], axis=1)
    return pairs


def _unknown(view: Answer) -> Array:
    return np.full((view.n_steps, 2), np.nan)


_OUTPUTS: Mapping[str, slice] = {
    "which": np.s_[:],
    "best": np.s_[:1],
    "truth": np.s_[:1],
    "before": np.s_[:1],
}


def _used(view: Answer, series: Mapping[str, Array]) -> list[int]:
    """The outputs to name, in their own order: all, or of 50,000 words those of some step."""
    if view.kind == "numbers":
        return []
    if len(view.names) <= _MAX_ALL_NAMED:
        return list(range(len(view.names)))
    named = [series[name][:, part].ravel() for name, part in _OUTPUTS.items() if name in series]
    found = np.concatenate(named)
    return sorted(set(found[~np.isnan(found)].astype(int).tolist()))


def _numbered(name: str, array: Array, used: list[int]) -> Array:
    """A series with its outputs numbered among those that are named."""
    if not used or name not in _OUTPUTS:
        return array
    outputs = array[:, _OUTPUTS[name]].astype(float)
    numbers = np.where(np.isnan(outputs), np.nan, np.searchsorted(used, outputs))
    return np.concatenate([numbers, array[:, outputs.shape[1] :]], axis=1)


def _places(series: Mapping[str, Array]) -> dict[str, tuple[int, int]]:
    starts = (0, *accumulate(array.size for array in series.values()))
    return {
        name: (start, array.shape[1])
        for (name, array), start in zip(series.items(), starts, strict=False)
    }


def _scale(view: Answer, original: Answer | None) -> dict[str, Any]:
    """The ends of the bars of numbers: 0 is always on them."""
    if view.kind != "numbers":
        return {}
    arrays = [view.values, view.truth, *([original.values] if original else [])]
    finite = np.concatenate([array[np.isfinite(array)].ravel() for array in arrays])
    low, high = float(min(finite.min(initial=0), 0)), float(max(finite.max(initial=0), 0))
    return {"low": low, "high": high if high > low else low + 1}
