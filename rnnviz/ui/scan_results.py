"""Opened scans and what is asked of them, kept for all sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.core.resources import asset
from rnnviz.corpus.far_units import FarUnits
from rnnviz.corpus.result import CorpusScan, read_scan
from rnnviz.corpus.scan_plan import model_digest
from rnnviz.corpus.scan_source import ScanSource
from rnnviz.figures.corpus_signal import figure as draw_signal
from rnnviz.figures.corpus_unit import figure as draw_unit
from rnnviz.figures.found_units import figure as draw_features
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.theme import Look
from rnnviz.train.presets import presets
from rnnviz.ui import results
from rnnviz.ui.results import CACHE
from rnnviz.ui.selections import OpenedModel
from rnnviz.ui.url import File

# The model of the sample, and its file, which `python -m assets.scans.make` wrote.
SAMPLE_MODEL, SAMPLE = "next_character_lstm", "alice.parquet"


@dataclass(frozen=True)
class ScanChoice:
    """A scan that is shown: an upload, a folder's file, or, with neither, the sample.

    changed  when the folder's file was written, and its bytes.
    """

    file: File | None = None
    path: str = ""
    changed: tuple[int, ...] = ()


@CACHE.cached
def scan_of(choice: ScanChoice) -> CorpusScan:
    """The scan of a choice. Raises InputError for a file that holds none."""
    if choice.file is not None:
        return read_scan(ScanSource(choice.file.name, choice.file.data, is_bounded=True))
    if choice.path:
        path = Path(choice.path)
        return read_scan(ScanSource(path.parent.name, path))
    return read_scan(ScanSource(SAMPLE, asset("scans", SAMPLE)))


@CACHE.cached
def features_figure(choice: ScanChoice, look: Look) -> Any:
    """Features beside their controls, as a Plotly figure."""
    return to_page(draw_features(scan_of(choice), look))


@CACHE.cached
def signal_figure(choice: ScanChoice, signal: str, unit: int, look: Look) -> Any:
    """All units of a signal, as a Plotly figure."""
    return to_page(draw_signal(scan_of(choice).signal(signal), look, unit=unit))


@CACHE.cached
def unit_figure(choice: ScanChoice, signal: str, unit: int, look: Look) -> Any:
    """Histogram and correlations of a unit, as a Plotly figure."""
    return to_page(draw_unit(scan_of(choice).unit(signal, unit), look))


@CACHE.cached
def token_means(choice: ScanChoice, signal: str) -> Array:
    """Means of a signal's units by token. Raises InputError."""
    return scan_of(choice).token_means(signal)


@CACHE.cached
def far_after(choice: ScanChoice, token: str, signal: str) -> FarUnits:
    """Units that are far on average after a token. Raises InputError."""
    return scan_of(choice).units_after(token, signal)


@CACHE.cached
def far_in(choice: ScanChoice, model: OpenedModel, text: str, part: str) -> FarUnits:
    """Units that are far throughout a part of a typed text. Raises RnnvizError."""
    return scan_of(choice).units_in(results.import_result_of(model).model, text, part)


@CACHE.cached
def digest_of(model: OpenedModel) -> str:
    """Digest of all that decides a model's states."""
    return model_digest(results.import_result_of(model).model)


def is_of_model(choice: ScanChoice, model: OpenedModel) -> bool:
    """True where the model is the one that was scanned."""
    return digest_of(model) == scan_of(choice).about.model


@lru_cache(maxsize=1)
def shipped_models() -> Mapping[str, str]:
    """Names of the models that come with the app by their digests."""
    return {model_digest(one.model()): one.name for one in presets()}
