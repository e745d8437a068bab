"""The memory of two units, attributed to the steps that wrote it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from rnnviz.analysis.attribution import Attribution, attribution
from rnnviz.analysis.saturation import saturation
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.lessons.content.excerpt import excerpt, network_input
from rnnviz.lessons.content.networks import replace_weights
from rnnviz.lessons.content.text_probes import PRESET, held_out_text
from rnnviz.lessons.interactive import Settings
from rnnviz.network.model import Model
from rnnviz.train.presets import preset

SENTENCE = 40  # characters of the triangle


@cache
def float64_model() -> Model:
    """The trained network in float64, so that rounding is small."""
    model = preset(PRESET).model()
    weights = {name: w.astype(np.float64) for name, w in model.layers[0].weights.items()}
    return replace_weights(replace(model, readout=None), weights)


@cache
def sentence_trace() -> Trace:
    """Trace of the float64 network over the beginning of the excerpt."""
    text = excerpt()[excerpt().index("\n") + 1 :][:SENTENCE]
    read = network_input(text)
    # Preactivations select the plain loop: compiling would take longer than these few steps.
    read = replace(read, values=read.values.astype(np.float64))
    return trace(float64_model(), read, preactivations=True)


@cache
def writers() -> dict[str, int]:
    """Units of the attribution: one that forgets at every space, one that keeps longest."""
    whole = held_out_text()
    forget = np.concatenate(
        [
            whole.trace["forget"][: len(tokens), row]
            for row, tokens in enumerate(whole.trace.sequence.tokens)
        ]
    )
    space = whole.properties["space"] > 0
    falls = forget[~space].mean(axis=0) - forget[space].mean(axis=0)
    keeps = saturation(whole.trace, "forget").open
    return {"word": int(np.argmax(falls)), "long": int(np.argmax(keeps))}


def writer_attribution(settings: Settings) -> Attribution:
    """The chosen unit's memory of the sentence, by who wrote it."""
    return attribution(sentence_trace(), writers()[str(settings["writer"])])


def own_word(settings: Settings) -> float:
    """Share of the absolute attribution that was written in the same word."""
    view = writer_attribution(settings)
    begins = np.cumsum([token == "␣" for token in view.tokens])
    same = begins[:, None] == begins[None, :]
    size = np.abs(view.parts)
    return float(size[same].sum() / size.sum())
