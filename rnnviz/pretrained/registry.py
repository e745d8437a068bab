"""Registry of the published models, installed or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rnnviz.core.checks import is_one_of, shown
from rnnviz.errors import InputError
from rnnviz.pretrained import g2p_en, g2pm
from rnnviz.pretrained.installed import Package
from rnnviz.pretrained.result import Pronunciation


@dataclass(frozen=True, eq=False)
class PretrainedModel:
    """Published model and how to run it.

    name       in a URL.
    title      by language, "en" and "zh".
    package    on PyPI, with its version.
    licence    of the package and its weights, SPDX.
    home       URL of the publication.
    examples   texts to start with.
    pronounce  from a text to its Pronunciation; raises RnnvizError.
    """

    name: str
    title: Mapping[str, str]
    package: Package
    licence: str
    home: str
    examples: tuple[str, ...]
    pronounce: Callable[[str], Pronunciation]

    @property
    def is_installed(self) -> bool:
        """True when the package is installed."""
        return self.package.is_installed


def pretrained_model(name: str) -> PretrainedModel:
    """Published model by its name. Raises InputError for an unknown one.

    >>> pretrained_model("g2pm").package.name
    'g2pM'
    """
    known = {model.name: model for model in pretrained_models()}
    if not is_one_of(name, known):
        raise InputError(
            "There is no published model “{name}”; choose one of {known}.",
            name=shown(name),
            known=", ".join(known),
        )
    return known[name]


def pretrained_models() -> tuple[PretrainedModel, ...]:
    """All published models in the order of the menu.

    >>> [model.name for model in pretrained_models()]
    ['g2p_en', 'g2pm']
    """
    return (
        PretrainedModel(
            "g2p_en",
            {
                "en": "English spelling to sound: encoder and decoder GRU",
                "zh": "英文单词读音：编码器与解码器 GRU",
            },
            g2p_en.PACKAGE,
            "Apache-2.0",
            "https://github.com/Kyubyong/g2p",
            g2p_en.EXAMPLES,
            g2p_en.pronounce_word,
        ),
        PretrainedModel(
            "g2pm",
            {
                "en": "Mandarin characters to pinyin: LSTM in both directions",
                "zh": "汉字注音与多音字：双向 LSTM",
            },
            g2pm.PACKAGE,
            "Apache-2.0",
            "https://github.com/kakaobrain/g2pM",
            g2pm.EXAMPLES,
            g2pm.pronounce_sentence,
        ),
    )
