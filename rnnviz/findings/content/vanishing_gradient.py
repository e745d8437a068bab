"""Gradients vanish in a simple RNN, by the same factor at every step, and last in an LSTM."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.connectivity import connectivity
from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.findings.chart import FindingChart
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.train.presets import preset
from rnnviz.train.tasks import TASKS

_MODELS = ("adding_rnn", "adding_lstm")
_NAMES = ("rnn", "lstm")
_ROWS, _SEED = 5, 1
_LAG = 50
# A gradient below this is lost where one of size 1 is added to it in float32.
_LOST = 1e-7


def _measure(tell: TellProgress) -> FindingResult:
    fades = []
    for done, name in enumerate(_MODELS, start=1):
        fades.append(gradient_fade(name))
        tell(done / len(_MODELS))
    rnn, lstm = (10.0 ** fade[_LAG] for fade in fades)
    lags = np.arange(_LAG + 1)
    straight = np.corrcoef(lags, fades[0][: _LAG + 1])[0, 1] ** 2
    numbers = (
        MeasuredNumber("rnn", rnn, high=_LOST, form=".0e"),
        MeasuredNumber("straight", straight, low=0.99, form=".3f"),
        MeasuredNumber("lstm", lstm, low=1e-3, form=".0e"),
    )
    key = "finding.vanishing_gradient"
    lines = {
        f"{key}.{name}_short": 10.0 ** fade[: _LAG + 1]
        for name, fade in zip(_NAMES, fades, strict=True)
    }
    chart = FindingChart(lags, lines, f"{key}.left", f"{key}.lag", is_log=True)
    return FindingResult(numbers, chart)


def gradient_fade(name: str) -> Array:
    """log10 of the norm of ∂h_t/∂x_{t−lag} over that at lag 0, (lag,): the median over all t, the
    mean over some sequences of the adding problem."""
    model = preset(name).model()
    batch = TASKS["adding"].held_out_batch(np.random.default_rng(_SEED), _ROWS)
    run = trace(model, batch.sequence)
    rows = [connectivity(model, run, row=row).by_lag for row in range(_ROWS)]
    mean = np.mean(rows, axis=0)
    return np.asarray(mean - mean[0])


FINDING = PublishedFinding(
    key="vanishing_gradient",
    publication=Publication(
        "Y. Bengio, P. Simard, P. Frasconi",
        1994,
        "Learning Long-Term Dependencies with Gradient Descent is Difficult",
        "IEEE Transactions on Neural Networks 5(2)",
        "https://doi.org/10.1109/72.279181",
    ),
    models=_MODELS,
    measure=_measure,
    choices={"understand": "how_far_back"},
    is_limit_late=True,
)
