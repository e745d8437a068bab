"""Gates in a hand-written cell's names: `W_xi`, `U_f`, `Wox`, `b_hn`, `forget_gate.weight`.

The letters are those of the equations: i, f, o and g or c of the LSTM (Hochreiter & Schmidhuber
1997; the formulas of `torch.nn.LSTM`), r, z and n or h of the GRU (Cho et al. 2014; the formulas of
`torch.nn.GRU`). A source letter is x or i for the input, h for the hidden state; with two matrix
letters, W reads the input beside U, and U beside V.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rnnviz.readers.conventions.leaves import NamedLeaf

_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "lstm": {
        "input": ("i", "in", "input", "inp", "ingate"),
        "forget": ("f", "forget", "forg"),
        "candidate": ("g", "c", "cell", "cand", "candidate", "new", "cellcandidate", "memory"),
        "output": ("o", "out", "output", "outgate"),
    },
    "gru": {
        "reset": ("r", "reset"),
        "update": ("z", "u", "update"),
        "candidate": ("n", "h", "c", "g", "cand", "candidate", "new", "hidden"),
    },
    "rnn": {"hidden": ("h", "hidden")},
}
GATE_WORDS: Mapping[str, Mapping[str, str]] = {
    cell: {word: gate for gate, words in gates.items() for word in words}
    for cell, gates in _WORDS.items()
}
"""By cell the gate that a word means."""

_BEFORE = r"(?:.*[_.])?"
_EVERY = "|".join(sorted({w for words in GATE_WORDS.values() for w in words if w}, key=len)[::-1])
_KNOWN = rf"(?P<gate>(?:{_EVERY})(?:_?(?:gate|layer|linear|tilde|hat|bar))?)"
_BIAS = re.compile(rf"{_BEFORE}b(?:ias)?_?{_KNOWN}")
_TWO_BIASES = re.compile(rf"{_BEFORE}b(?:ias)?_?(?P<source>[xih])_?{_KNOWN}")
_PEEPHOLE = re.compile(rf"{_BEFORE}[wpv]_?c_?(?P<gate>[ifo])")
_MATRICES = {
    "source first": re.compile(rf"{_BEFORE}w?_?(?P<source>[xh])_?(?:2_?|to_?)?{_KNOWN}"),
    "input first": re.compile(rf"{_BEFORE}w?_?(?P<source>[ih])_?(?:2_?|to_?)?{_KNOWN}"),
    "gate first": re.compile(rf"{_BEFORE}w?_?{_KNOWN}_?(?P<source>[xh])"),
    "letters": re.compile(rf"{_BEFORE}(?P<source>[wuvr])_?{_KNOWN}"),
    "alone": re.compile(rf"{_BEFORE}(?P<source>)(?:w_?|linear_?|fc_?|lin_?|gate_?)?{_KNOWN}"),
}
_MAX_STEM, _MAX_LEAVES = 48, 200


@dataclass(frozen=True)
class Reading:
    """Leaves of a cell by gate and by source: "x", "h", "" for one matrix over both; "b", "p"."""

    cell: str
    leaves: Mapping[tuple[str, str], NamedLeaf]

    @property
    def sources(self) -> set[str]:
        """The sources of its matrices."""
        return {source for _, source in self.leaves} - {"b", "bh", "p"}


def readings(leaves: tuple[NamedLeaf, ...], ndims: Mapping[str, int]) -> Iterator[Reading]:
    """Every cell whose gates all stand among the leaves, each by one scheme of naming.

    ndims  number of axes by the name in the file, axes of one left out.
    """
    leaves = tuple(leaf for leaf in leaves if len(leaf.stem) <= _MAX_STEM)
    if len(leaves) > _MAX_LEAVES or sum(ndims[leaf.name] == 2 for leaf in leaves) < 2:
        return
    for scheme in _MATRICES:
        words = [found for leaf in leaves if (found := _words(leaf, ndims[leaf.name], scheme))]
        for cell, gates in GATE_WORDS.items():
            yield from _reading(cell, scheme, [word for word in words if word.gate in gates])


def _reading(cell: str, scheme: str, words: list[_Word]) -> Iterator[Reading]:
    """The cell, when exactly its gates are there, each from the sources of the others."""
    gates = GATE_WORDS[cell]
    found = {(gates[word.gate], word.role): word.leaf for word in words}
    sources = {role for _, role in found} - {"b", "bh", "p"}
    wanted = {(gate, source) for gate in gates.values() for source in sources}
    is_alone = scheme == "alone"
    if wanted <= found.keys() and len(sources) == 2 - is_alone and (cell != "rnn" or not is_alone):
        yield Reading(cell, found)


class _Word(NamedTuple):
    gate: str
    role: str
    leaf: NamedLeaf


def _words(leaf: NamedLeaf, ndim: int, scheme: str) -> _Word | None:
    """The gate's word and the role that a leaf's stem tells in a scheme."""
    stem = leaf.stem.lower()
    if ndim == 2 and leaf.part != "bias":
        match = _MATRICES[scheme].fullmatch(stem)
        return _Word(_gate(match), _source(match, scheme), leaf) if match else None
    if leaf.part == "bias":
        match = _MATRICES[scheme].fullmatch(stem)
        return _Word(_gate(match), "bh" if match["source"] == "h" else "b", leaf) if match else None
    if match := _PEEPHOLE.fullmatch(stem):
        return _Word(match["gate"], "p", leaf)
    one, two = _BIAS.fullmatch(stem), _TWO_BIASES.fullmatch(stem)
    if two and (scheme == "input first" or not one):
        return _Word(_gate(two), "bh" if two["source"] == "h" else "b", leaf)
    return _Word(_gate(one), "b", leaf) if one else None


def _source(match: re.Match[str], scheme: str) -> str:
    return "x" if scheme == "input first" and match["source"] == "i" else match["source"]


def _gate(match: re.Match[str]) -> str:
    """The word of the gate without what is said of every gate."""
    return re.sub(r"_?(?:gate|layer|linear|tilde|hat|bar)$", "", match["gate"])
