"""g2p-en: an English word's letters to its phonemes, an encoder and a decoder GRU.

Park and Kim, github.com/Kyubyong/g2p, Apache-2.0; its `g2p.py` gives the wiring and the symbols.
The encoder reads the letters and `</s>`; its last hidden state is the decoder's first. The decoder
reads `<s>`, then its last output, until that is `</s>` or the 20th phoneme. Gates are
stacked r, z, n with the reset after the product, as in `torch.nn.GRU`. The package looks most
words up in a dictionary; here the network itself reads every word.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from io import BytesIO

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.gate_order import GATE_ORDER, split_gates
from rnnviz.core.sequence import Sequence
from rnnviz.engine.run import trace_model
from rnnviz.engine.steps import iterate_steps
from rnnviz.errors import InputError
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model, Readout
from rnnviz.pretrained.installed import Package
from rnnviz.pretrained.result import NetworkRun, Pronunciation, check_text, embedded_sequence

PACKAGE = Package(
    "g2p-en",
    "2.1.0",
    {"g2p_en/checkpoint20.npz": "b8af35e4596d8dd5836dfd3fe9b2ba4f97b9c311efe8879544cbcfcbd566d8c6"},
)
EXAMPLES = ("hello", "gradient", "memory")
GRAPHEMES = ("<pad>", "<unk>", "</s>", *string.ascii_lowercase)
_SOUNDS = (
    "AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH"
    " EH0 EH1 EH2 ER0 ER1 ER2 EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG"
    " OW0 OW1 OW2 OY0 OY1 OY2 P R S SH T TH UH0 UH1 UH2 UW UW0 UW1 UW2 V W Y Z ZH"
)
PHONEMES = ("<pad>", "<unk>", "<s>", "</s>", *_SOUNDS.split())
MAX_PHONEMES = 20
_UNKNOWN = "'-"  # characters of words without a symbol of the network


def models() -> dict[str, Model]:
    """Models by name: the "encoder" of letters and the "decoder" to phonemes, with its readout.

    Raises MissingLibraryError without the package, ModelError for another file than the published.

    >>> models()["decoder"].readout.names[4:7]
    ('AA0', 'AA1', 'AA2')
    """
    return dict(_models(PACKAGE.read_files()["g2p_en/checkpoint20.npz"]))


def pronounce_word(word: str) -> Pronunciation:
    """Phonemes of one English word, with the runs of both networks.

    The networks are "encoder" and "decoder"; the decoder starts from the encoder's last hidden
    state, and its outputs are the probabilities of the next phoneme.

    Raises InputError for more than a word or other letters than a to z, and as `models` does.

    >>> pronounce_word("hello").sounds
    ('HH', 'EH1', 'L', 'OW0')
    """
    letters = _letters(word)
    both = models()
    encoder = _encoder(both["encoder"], letters)
    last = trace_model(encoder.model, encoder.sequence).layers[0].final["hidden"][0]
    tokens = list(_decode(both["decoder"], last))
    decoder = _decoder(both["decoder"], last, tokens[:-1])
    phonemes = tuple(tokens[1:-1] if tokens[-1] == "</s>" else tokens[1:])
    return Pronunciation(letters, phonemes, (encoder, decoder))


@lru_cache(maxsize=1)
def _models(data: bytes) -> dict[str, Model]:
    with np.load(BytesIO(data), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    readout = Readout(arrays["fc_w"], arrays["fc_b"], PHONEMES)
    return {
        "encoder": _model(arrays, "enc", GRAPHEMES),
        "decoder": replace(_model(arrays, "dec", PHONEMES), readout=readout),
    }


def _model(arrays: dict[str, Array], name: str, vocabulary: tuple[str, ...]) -> Model:
    roles = {"x": "w_ih", "h": "w_hh", "b": "b_ih", "bh": "b_hh"}
    weights = split_gates(
        GATE_ORDER["torch"]["gru_reset_after"],
        {role: arrays[f"{name}_{key}"] for role, key in roles.items()},
    )
    return Model(
        (Layer("gru_reset_after", "forward", weights),),
        vocabulary=vocabulary,
        source=f"g2p-en {PACKAGE.version}",
        embedding=arrays[f"{name}_emb"],
    )


def _letters(word: str) -> tuple[str, ...]:
    # Accents are removed as in the package; full-width letters and ligatures become plain ones.
    decomposed = unicodedata.normalize("NFKD", word.strip().replace("’", "'"))
    plain = "".join(mark for mark in decomposed if unicodedata.category(mark) != "Mn").lower()
    check_text(plain, EXAMPLES[0])
    if not set(plain) <= {*string.ascii_lowercase, *_UNKNOWN} or not plain.strip(_UNKNOWN):
        raise InputError(
            "One English word of the letters a to z is wanted, but “{came}” came; type for"
            " example “{example}”.",
            came=shown(word.strip()),
            example=EXAMPLES[0],
        )
    return tuple(plain)


def _encoder(model: Model, letters: tuple[str, ...]) -> NetworkRun:
    return NetworkRun("encoder", model, _sequence(model, GRAPHEMES, (*letters, "</s>")))


def _decoder(model: Model, hidden: Array, tokens: list[str]) -> NetworkRun:
    layer = replace(model.layers[0], initial={"hidden": hidden})
    initialised = replace(model, layers=(layer,))
    return NetworkRun("decoder", initialised, _sequence(model, PHONEMES, tuple(tokens)))


def _sequence(model: Model, symbols: tuple[str, ...], tokens: tuple[str, ...]) -> Sequence:
    rows = [symbols.index(token if token in symbols else "<unk>") for token in tokens]
    return embedded_sequence(model, rows, tokens)


def _decode(model: Model, hidden: Array) -> Iterator[str]:
    """Tokens of greedy decoding, `<s>` and `</s>` included."""
    token = "<s>"
    yield token
    for _ in range(MAX_PHONEMES):
        decoder = _decoder(model, hidden, [token])
        step = next(iterate_steps(decoder.model, decoder.sequence))
        hidden, token = step.signals["hidden"][0], PHONEMES[int(step.outputs[0].argmax())]
        yield token
        if token == "</s>":
            return
