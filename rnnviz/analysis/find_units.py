"""The search for units that follow a feature, which can also say that there is none.

A unit is chosen on one part of a run and told on another, beside controls of three kinds that are
chosen and told in the same way. A. Karpathy, J. Johnson, L. Fei-Fei, "Visualizing and Understanding
Recurrent Networks", ICLR workshop 2016; J. Hewitt, P. Liang, "Designing and Interpreting Probes
with Control Tasks", EMNLP 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from rnnviz.analysis.found_units import (
    LEAST_R,
    LEAST_RISES,
    FeatureFinding,
    FoundUnits,
    ReadOff,
    Verdict,
    beyond,
)
from rnnviz.analysis.given_features import features_of
from rnnviz.analysis.unit_controls import (
    N_CONTROLS,
    N_SHUFFLED,
    Shifts,
    input_directions,
    shifts_of,
    shuffled_model,
    token_labels,
)
from rnnviz.analysis.unit_fit import Crossed, Fits, fits_of, held_out_parts, joined
from rnnviz.analysis.unit_pass import ReadKinds, UnitPass, unit_pass
from rnnviz.analysis.unit_silencing import Silencing, silencing
from rnnviz.analysis.unit_stream import UnitStream, unit_stream
from rnnviz.analysis.unit_sums import correlation
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_seed
from rnnviz.errors import ModelError

_SHUFFLED_STEPS = 30_000


def find_units(
    model: Any,
    text: Any,
    features: Mapping[str, Any] | Iterable[str] | None = None,
    *,
    layer: int = 0,
    signal: str | None = None,
    seed: int = 0,
    progress: Callable[[float], object] | None = None,
) -> FoundUnits:
    """Units that follow a feature of what a model reads, or the word that there are none.

    model     a Model.
    text      a string; numbers (time, feature); a Sequence, whose rows are read one after the
              other, each from the initial states; or a source, as `rv.read_text(path)`. From 400
              to 2,000,000 steps.
    features  by name, numbers at every step, (time,) over all rows or (time, batch), or a function
              from the tokens to them. Names alone choose among a text's own: "quotes", "depth",
              "line", "word", "letter", "upper", "digit", "space", "position"
              (`rnnviz.analysis.text_features`). By default all of these, or the columns of a table.
    layer     counted as in `trace.layers`.
    signal    by default the cell state, or the hidden state where there is none.
    seed      of the controls.
    progress  called with the part of the work that is done, 0…1; an exception in it ends the
              search.

    The run is cut into 20 blocks. On every other one the unit of the largest |r| is chosen and a
    ridge regression of the feature on all units fitted; r is told on the blocks between. The same
    is done with 19 copies of the feature turned around the run, 19 random labels of the tokens, and
    in 3 networks with shuffled weights, on 30,000 steps at most. A unit is found where |r| is 0.5
    or more, a quarter of the variance, and above the largest |r| of all controls by 0.1, or by half
    of what is left up to 1 where that is less; 0.1 is more than the largest of 19 moves from seed
    to seed. A feature is judged that rises above its mean 10 times or more in each part.

    Raises ModelError and InputError for what cannot be read.

    >>> import rnnviz as rv
    >>> from rnnviz.train import preset
    >>> from rnnviz.train.tasks import TASKS
    >>> batch = TASKS["brackets"].held_out_batch(np.random.default_rng(1), 100)
    >>> found = find_units(preset("brackets_lstm").model(), batch.sequence, ["depth"])
    >>> found["depth"].best.is_found, round(abs(found["depth"].best.r), 1)
    (True, 1.0)
    """
    check_seed(seed)
    stream = unit_stream(model, text, layer, signal)
    names, values = features_of(stream, features)
    search = _Search(stream, values, np.random.default_rng(seed), progress or _no_progress)
    return search.result(names)


def _no_progress(done: float) -> None:
    """Progress without a listener."""


@dataclass(frozen=True, eq=False)
class _Search:
    """Search for units that follow features (time, feature)."""

    stream: UnitStream
    features: Array
    generator: np.random.Generator
    progress: Callable[[float], object]

    def result(self, names: tuple[str, ...]) -> FoundUnits:
        """Result for features of these names."""
        shifts, kinds = shifts_of(self.features, self.generator), ReadKinds.of(self.stream)
        run = unit_pass(self.stream, shifts, kinds, lambda done: self.progress(0.8 * done))
        fits = fits_of(*Crossed.pair(run.parts))
        controls = {
            "shifted": [fits.at(columns) for columns in shifts.columns],
            "labels": self._label_fits(run, kinds),
            "weights": self._shuffled_fits(kinds),
        }
        off = silencing(self.stream, fits.unit[: len(names)].tolist(), self.generator)
        held_out = run.parts[1]
        told = correlation(held_out.crossed(), held_out.spread)[:, : len(names)]
        few = _are_few(self.features)
        findings = tuple(
            _finding(name, fits.at([i]), {k: c[i] for k, c in controls.items()}, bool(few[i]), off)
            for i, name in enumerate(names)
        )
        self.progress(1.0)
        return FoundUnits(findings, read_only(told.T), self.stream, run, off)

    def _label_fits(self, run: UnitPass, kinds: ReadKinds) -> list[Fits]:
        """Fits of random labels, by feature."""
        n_features = self.features.shape[1]
        if kinds.ids is not None:
            labels = token_labels(self.features, kinds.n_kinds, self.generator)
        else:
            labels = input_directions(run.parts[0], n_features, self.generator)
        fits = fits_of(*Crossed.labelled(run.parts, labels))
        return [fits.at(range(i * N_CONTROLS, (i + 1) * N_CONTROLS)) for i in range(n_features)]

    def _shuffled_fits(self, kinds: ReadKinds) -> list[Fits]:
        """Fits in networks with shuffled weights, by feature; they may grow out of all bounds."""
        n_steps = min(_SHUFFLED_STEPS, self.stream.n_steps)
        plain = Shifts(self.features - self.features.mean(axis=0), ((),) * self.features.shape[1])
        found = []
        for number in range(N_SHUFFLED):
            model = shuffled_model(self.stream.model, self.generator)
            try:
                run = unit_pass(
                    replace(self.stream, model=model), plain, kinds, _no_progress, n_steps
                )
            except ModelError:
                continue
            found.append(fits_of(*Crossed.pair(run.parts)))
            self.progress(0.8 + 0.15 * (number + 1) / N_SHUFFLED)
        return [joined(one.at([i]) for one in found) for i in range(self.features.shape[1])]


def _are_few(features: Array) -> Array:
    """Mask (feature,), True for a feature that seldom rises above its mean in a part."""
    parts = held_out_parts(len(features))
    high = features > features.mean(axis=0)
    rises = high & ~np.concatenate([high[:1], high[:-1]])
    counts = [rises[parts == part].sum(axis=0) for part in (0, 1)]
    return np.asarray(np.minimum(*counts) < LEAST_RISES)


def _finding(
    name: str, own: Fits, controls: Mapping[str, Fits], is_rare: bool, off: Silencing
) -> FeatureFinding:
    unit, probe = int(own.unit[0]), float(own.probe[0])
    return FeatureFinding(
        name,
        unit,
        read_off(float(own.r[0]), {k: one.r for k, one in controls.items()}, is_rare),
        read_off(probe, {k: one.probe for k, one in controls.items()}, is_rare),
        probe - float(controls["labels"].probe.mean()),
        off.effects.get(unit, np.nan),
    )


def read_off(r: float, controls: Mapping[str, Array], is_rare: bool) -> ReadOff:
    """Reading of a held-out correlation beside those of controls, by kind (control,)."""
    largest = {kind: float(np.abs(r).max()) for kind, r in controls.items() if len(r)}
    return ReadOff(r, MappingProxyType(largest), _verdict(abs(r), max(largest.values()), is_rare))


def _verdict(r: float, control: float, is_rare: bool) -> Verdict:
    if is_rare:
        return "few"
    if min(r, 1) < beyond(control):
        return "control"
    return "found" if r >= LEAST_R else "weak"
