"""What a scan tells of itself, kept in the file of its numbers: one file is a whole result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rnnviz.analysis.found_units import ReadOff
from rnnviz.cells import CELLS
from rnnviz.corpus.features import CorpusFeature
from rnnviz.corpus.scan_plan import ScanPlan, model_digest
from rnnviz.corpus.scan_shard import FEATURES

_VERDICTS = ("found", "weak", "control", "few")
_CONTROLS = ("shifted", "labels")


@dataclass(frozen=True)
class ScanAbout:
    """Model and choices of a scan, and what was found of each feature.

    model     digest of all that decides its states.
    n_shards  of the corpus.
    """

    title: str
    cell: str
    layer: int
    vocabulary: tuple[str, ...]
    model: str
    n_shards: int
    warm_up: int
    seed: int
    features: tuple[CorpusFeature, ...]

    @staticmethod
    def of(plan: ScanPlan, features: tuple[CorpusFeature, ...]) -> ScanAbout:
        """What is told of a scan by its plan."""
        layer = plan.model.layers[plan.layer]
        return ScanAbout(
            plan.model.source or layer.title,
            layer.cell_name,
            plan.layer,
            plan.model.vocabulary or (),
            model_digest(plan.model),
            len(plan.shards),
            plan.warm_up,
            plan.seed,
            features,
        )

    def written(self) -> dict[str, Any]:
        """Plain values, as JSON has them."""
        return {**vars(self), "features": [_written(one) for one in self.features]}

    @staticmethod
    def read(told: Mapping[str, Any]) -> ScanAbout:
        """What `written` gave. Raises ValueError, KeyError or TypeError for anything else."""
        about = ScanAbout(
            _text(told["title"]),
            _text(told["cell"]),
            _number(told["layer"]),
            tuple(_text(token) for token in told["vocabulary"]),
            _text(told["model"]),
            _number(told["n_shards"]),
            _number(told["warm_up"]),
            _number(told["seed"]),
            (),
        )
        signals = [one.name for one in CELLS[about.cell].signals]
        return replace(about, features=tuple(_feature(one, signals) for one in told["features"]))


def _written(one: CorpusFeature) -> dict[str, Any]:
    return {
        "name": one.name,
        "signal": one.signal,
        "unit": one.unit,
        "r": one.best.r,
        "controls": dict(one.best.controls),
        "verdict": one.best.verdict,
    }


def _feature(told: Mapping[str, Any], signals: list[str]) -> CorpusFeature:
    name, signal, verdict = (_text(told[key]) for key in ("name", "signal", "verdict"))
    if name not in FEATURES or signal not in signals or verdict not in _VERDICTS:
        raise ValueError(name)
    controls = {kind: float(told["controls"][kind]) for kind in _CONTROLS}
    best = ReadOff(float(told["r"]), controls, verdict)  # type: ignore[arg-type]
    return CorpusFeature(name, signal, _number(told["unit"]), best)


def _text(came: Any) -> str:
    if not isinstance(came, str):
        raise TypeError(type(came))
    return came


def _number(came: Any) -> int:
    if type(came) is not int or came < 0:
        raise ValueError(came)
    return came
