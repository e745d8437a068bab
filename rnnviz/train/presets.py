"""Models trained here: their cards, their weights, and the models before training."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.core.resources import asset
from rnnviz.errors import ModelError
from rnnviz.network.model import Model
from rnnviz.train.config import TrainingConfig
from rnnviz.train.loop import Snapshot
from rnnviz.train.named_weights import with_weights
from rnnviz.train.safetensors_io import read_arrays


@dataclass(frozen=True)
class SnapshotMetrics:
    """Loss and metric of a snapshot after `step` steps, on held-out data."""

    step: int
    loss: float
    metric: float


@dataclass(frozen=True)
class Preset:
    """A model trained here, as its card describes it.

    name         its file's name, and its name in a link.
    title        by language, "en" and "zh"; so are `about` and `data`.
    data         what it learned from, and `licence` of that.
    rate         the learning rate it was trained with; `batch`, sequences a step.
    init         how its weights were drawn, and `activation`; "" for the usual ones.
    seconds      that the training took of one core.
    metric       "accuracy" (higher is better) or "error" (lower is better); `held_out`, on data
                 it did not learn from; `chance`, of the best answer that does not look at the
                 input; `before_training`, of the untrained model.
    kept         the snapshots whose weights are in the file; empty for most.
    examples     inputs to try: {"text": …} or {"numbers": [[…], …]} (time, feature).
    for_finding  whether it was made for a published finding alone (`rnnviz.findings`).

    >>> preset("brackets_lstm").cell
    'lstm'
    """

    name: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    task: str
    cell: str
    units: int
    layers: int
    steps: int
    batch: int
    rate: float
    seed: int
    init: str
    activation: str
    data: Mapping[str, str]
    licence: str
    seconds: float
    metric: str
    held_out: float
    chance: float
    before_training: float
    loss: float
    torch: str
    date: str
    vocabulary: tuple[str, ...]
    outputs: tuple[str, ...]
    examples: tuple[Mapping[str, Any], ...]
    kept: tuple[SnapshotMetrics, ...]
    for_finding: bool

    @property
    def config(self) -> TrainingConfig:
        """Settings that it was trained with."""
        return TrainingConfig(
            self.task,
            self.cell,
            self.units,
            self.layers,
            self.steps,
            self.batch,
            self.rate,
            self.seed,
            init=self.init,
            activation=self.activation,
        )

    def untrained_model(self) -> Model:
        """The model before its first step, `is_trained` False."""
        return self.config.initial_model

    def model(self) -> Model:
        """The trained model, with its readout and its vocabulary."""
        return self._with("", self.steps)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Snapshots of its training, the untrained model first; () for most."""
        return tuple(Snapshot(m.step, self._at(m.step), m.loss, m.metric) for m in self.kept)

    def _at(self, step: int) -> Model:
        if step == 0:
            return self.untrained_model()
        return self._with("" if step == self.steps else f"moments.{step}.", step)

    def _with(self, prefix: str, step: int) -> Model:
        weights = {
            name.removeprefix(prefix): array
            for name, array in _arrays(self.name).items()
            if name.startswith(prefix or ("layers.", "readout."))
        }
        return with_weights(self.untrained_model(), weights, self.config.source(step))


@lru_cache(maxsize=1)
def presets() -> tuple[Preset, ...]:
    """Every model trained here, in the order to offer them.

    >>> {preset.metric for preset in presets()} == {"accuracy", "error"}
    True
    """
    names = json.loads(asset("models", "models.json").read_text("utf-8"))
    return tuple(_card(name) for name in names)


def general_presets() -> tuple[Preset, ...]:
    """Every model trained here but those that were made for a published finding alone.

    >>> [one.for_finding for one in general_presets()].count(True)
    0
    """
    return tuple(one for one in presets() if not one.for_finding)


def preset(name: str) -> Preset:
    """A model trained here by its name.

    Raises ModelError for another name.
    """
    by_name = {preset.name: preset for preset in presets()}
    if name not in by_name:
        raise ModelError(
            'The models trained here are {names}, but "{came}" was asked for.',
            names=", ".join(by_name),
            came=name,
        )
    return by_name[name]


def _card(name: str) -> Preset:
    card = json.loads(asset("models", f"{name}.json").read_text("utf-8"))
    values = {field.name: card[field.name] for field in fields(Preset)}
    tuples = {key: tuple(values[key]) for key in ("vocabulary", "outputs", "examples")}
    kept = tuple(SnapshotMetrics(**snapshot) for snapshot in values["kept"])
    return Preset(**{**values, **tuples, "kept": kept})


@lru_cache(maxsize=4)
def _arrays(name: str) -> dict[str, Array]:
    return read_arrays(asset("models", f"{name}.safetensors").read_bytes())
