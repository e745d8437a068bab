"""g2pM: Mandarin characters to pinyin, an LSTM in both directions over a sentence.

Park and Lee (2020), arXiv 2004.03136; github.com/kakaobrain/g2pM, Apache-2.0; its `g2pM.py` gives
the wiring. Gates are stacked i, f, g, o as in `torch.nn.LSTM`. Two dense layers with relu between
score every pronunciation from the two hidden states. A character with one pronunciation in the
package's dictionary has that one; here the network chooses only among a character's own
pronunciations, where the package lets it choose among all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rnnviz.core.arrays import Array, Arrays
from rnnviz.core.checks import shown
from rnnviz.core.gate_order import GATE_ORDER, TORCH_PARAMETERS, split_gates
from rnnviz.core.sequence import Sequence
from rnnviz.engine.run import trace_model
from rnnviz.errors import InputError
from rnnviz.network.layer import Direction, Layer
from rnnviz.network.model import Model
from rnnviz.pretrained.installed import Package
from rnnviz.pretrained.result import (
    Disambiguation,
    NetworkRun,
    Pronunciation,
    check_text,
    embedded_sequence,
)

PACKAGE = Package(
    "g2pM",
    "0.1.2.5",
    {
        "g2pM/np_ckpt.pkl": "5b38c21cbaeb5f9b2f5d0bf872487de0fc22f91a3b26189b7d998136d2c8d3ae",
        "g2pM/char2idx.pkl": "e41861f3af2debb342d3555d970db47b22e5d35c8e0190722dfb9b39c941988c",
        "g2pM/class2idx.pkl": "b17a497ee9618e6d5c2f7814ab7f847d80a3cb757e92423774781e4d3dc56c49",
        "g2pM/digest_cedict.pkl": (
            "71e727a041a1d7023a1fbe32bbc23d5f4aa85a9d67fe4d6502fc398ef30b875c"
        ),
    },
)
EXAMPLES = ("重庆", "重要", "银行很行")
_UNKNOWN, _BEGIN, _END = "<UNK>", "시", "끝"  # the package's own symbols


@dataclass(frozen=True, eq=False)
class Tagger:
    """Network and its tables.

    model          both directions, with vocabulary and embedding.
    output_layers  "0.weight" (32, 64), "0.bias", "2.weight" (class, 32), "2.bias".
    character_ids  row of the embedding by character.
    class_ids      row of the last dense layer by pronunciation.
    candidates     pronunciations by character.
    """

    model: Model
    output_layers: Mapping[str, Array]
    character_ids: Mapping[str, int]
    class_ids: Mapping[str, int]
    candidates: Mapping[str, tuple[str, ...]]

    def scores(self, hidden: Array) -> Array:
        """Scores (…, class) from both directions' hidden states (…, unit): two dense layers."""
        dense = self.output_layers
        activations = np.maximum(hidden @ dense["0.weight"].T + dense["0.bias"], 0)
        return np.asarray(activations @ dense["2.weight"].T + dense["2.bias"])


def tagger() -> Tagger:
    """Published network and its tables.

    Raises MissingLibraryError without the package, ModelError for another file than the published.

    >>> tagger().candidates["重"]
    ('zhong4', 'chong2')
    """
    return _tagger(*PACKAGE.read_files().values())


def pronounce_sentence(sentence: str) -> Pronunciation:
    """Pinyin of each character, with the network's run; characters without pinyin stay.

    The one network is "tagger"; `disambiguations` has an entry for each character with several
    pronunciations.

    Raises InputError for a text that is empty, long or without Chinese, and as `tagger` does.

    >>> pronounce_sentence("重庆").sounds
    ('chong2', 'qing4')
    """
    network = tagger()
    letters = _letters(sentence, network.candidates)
    run = NetworkRun("tagger", network.model, _sequence(network, letters))
    scores = network.scores(trace_model(run.model, run.sequence).outputs[:, 0])
    # Step 0 is the beginning of the sentence.
    choices = tuple(
        _choice(network, time, letter, scores[time])
        for time, letter in enumerate(letters, start=1)
        if len(network.candidates.get(letter, ())) > 1
    )
    chosen = {choice.time: choice.chosen for choice in choices}
    sounds = tuple(
        chosen.get(time, network.candidates.get(letter, (letter,))[0])
        for time, letter in enumerate(letters, start=1)
    )
    return Pronunciation(letters, sounds, (run,), choices)


def _choice(network: Tagger, time: int, letter: str, scores: Array) -> Disambiguation:
    candidates = network.candidates[letter]
    logits = scores[[network.class_ids[candidate] for candidate in candidates]]
    exponents = np.exp(logits - logits.max())
    return Disambiguation(time, candidates, exponents / exponents.sum())


def _letters(sentence: str, candidates: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    text = " ".join(sentence.split())
    check_text(text, EXAMPLES[0])
    # The dictionary also has a few Latin capitals.
    if not any(letter in candidates and not letter.isascii() for letter in text):
        raise InputError(
            "A text with simplified Chinese characters is wanted, but “{came}” has none that can"
            " be read; type for example “{example}”.",
            came=shown(text),
            example=EXAMPLES[0],
        )
    return tuple(text)


def _sequence(network: Tagger, letters: tuple[str, ...]) -> Sequence:
    unknown = network.character_ids[_UNKNOWN]
    rows = [network.character_ids.get(symbol, unknown) for symbol in (_BEGIN, *letters, _END)]
    return embedded_sequence(network.model, rows, ("<s>", *letters, "</s>"))


@lru_cache(maxsize=1)
def _tagger(weights: bytes, characters: bytes, classes: bytes, dictionary: bytes) -> Tagger:
    from rnnviz.pretrained.arrays import unpickle_dict

    arrays, rows = unpickle_dict("np_ckpt.pkl", weights), unpickle_dict("char2idx.pkl", characters)
    layers = (_layer(arrays, "forward", ""), _layer(arrays, "backward", "_reverse"))
    model = Model(
        layers,
        vocabulary=tuple(sorted(rows, key=rows.__getitem__)),
        source=f"g2pM {PACKAGE.version}",
        embedding=arrays["embedding.weight"],
    )
    names = ("0.weight", "0.bias", "2.weight", "2.bias")
    dense = Arrays({name: arrays[f"logit_layer.{name}"] for name in names})
    entries = unpickle_dict("digest_cedict.pkl", dictionary)
    candidates = {letter: tuple(each) for letter, each in entries.items()}
    return Tagger(model, dense, rows, unpickle_dict("class2idx.pkl", classes), candidates)


def _layer(arrays: Mapping[str, Array], direction: Direction, suffix: str) -> Layer:
    weights = split_gates(
        GATE_ORDER["torch"]["lstm"],
        {role: arrays[f"lstm.{key}_l0{suffix}"] for role, key in TORCH_PARAMETERS.items()},
    )
    return Layer("lstm", direction, weights)
