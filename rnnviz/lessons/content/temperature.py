"""The next character after the prompt, its probabilities at a temperature."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from rnnviz.analysis.readout import TopOutputs, top_outputs
from rnnviz.core.backend import get_backend
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.inputs.parse import parse
from rnnviz.lessons.content.text_probes import PRESET
from rnnviz.lessons.content.written_text import PROMPT
from rnnviz.train.presets import preset


@cache
def prompt_trace() -> Trace:
    """Trace of the network over the prompt."""
    return trace(preset(PRESET).model(), parse(PROMPT, "characters"))


def scaled_outputs(temperature: float, n: int = 12) -> TopOutputs:
    """The most probable characters after the prompt, at a temperature."""
    model = preset(PRESET).model()
    view = top_outputs(model, prompt_trace(), len(PROMPT) - 1, n=len(model.vocabulary or ()))
    scores = view.scores.astype(float)
    if temperature:
        probabilities = get_backend().softmax(scores / temperature)
    else:
        probabilities = np.eye(len(scores))[0]
    return replace(view, names=view.names[:n], scores=scores[:n], probabilities=probabilities[:n])


def entropy(temperature: float) -> float:
    """Entropy of the next character after the prompt at a temperature, in bits."""
    p = scaled_outputs(temperature, n=10_000).probabilities
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum()) + 0.0
