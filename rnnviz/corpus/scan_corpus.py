"""Scan of a corpus: every shard once, by processes or a cluster, and all that is done is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from rnnviz.core.checks import check_count, check_seed, is_whole_number, shown
from rnnviz.core.libraries import check_library
from rnnviz.core.writing import writing
from rnnviz.corpus.about import ScanAbout
from rnnviz.corpus.features import found_features
from rnnviz.corpus.files import read_sketch, write_sketch
from rnnviz.corpus.result import CorpusScan, open_scan
from rnnviz.corpus.scan_files import MERGED
from rnnviz.corpus.scan_plan import ScanPlan
from rnnviz.corpus.scan_shard import scan_shard
from rnnviz.corpus.shard_inputs import check_reads_text, no_known_tokens
from rnnviz.corpus.shards import shards_of
from rnnviz.corpus.workers import MAX_WORKERS, executor_of, results_of
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.wanted import check_model
from rnnviz.errors import InputError
from rnnviz.network.model import Model

_GROUP = 16
_MAX_WARM_UP = 4096

ProgressListener = Callable[[float], object]


def scan(
    model: Model,
    source: str | Path,
    out: str | Path,
    *,
    layer: int = 0,
    column: str = "",
    workers: int = 1,
    executor: Executor | None = None,
    warm_up: int = 128,
    seed: int = 0,
    progress: ProgressListener | None = None,
) -> CorpusScan:
    """Scan of a model over a corpus: of every unit and signal, what can be added up.

    model     with a vocabulary, reading forward.
    source    a .txt, .txt.gz, .parquet or .arrow file, UTF-8, or a folder of them. A file of text
              is one text, and so is each row of a table: it is read from the start state.
    out       a folder: a file for each shard, then `corpus.parquet` of all. One that holds a part
              of the same scan is gone on with.
    layer     counted as in `trace.layers`; all its signals are scanned.
    column    of the texts in a table.
    workers   processes of this machine.
    executor  in their place, such as `dask.distributed.Client(address).get_executor()`; its workers
              see the same files under the same names.
    warm_up   steps that a row of a long text, read side by side with others, reads before its own.
              A state that adds up over longer, as a counter does, begins anew with every row.
    seed      of the controls.
    progress  called with the part of the shards that is done, 0…1; an exception in it ends the
              scan, and what is done is kept.

    The bytes of `corpus.parquet` do not depend on how many work. Raises ModelError and InputError
    for what cannot be read, and RnnvizError where a worker or the disk fails.

    >>> import tempfile
    >>> from rnnviz.train import preset
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text("([{}])" * 400)
    ...     found = scan(preset("brackets_lstm").model(), f"{folder}/a.txt", f"{folder}/out")
    >>> found.n_steps, found["depth"].signal
    (2400, 'cell')
    """
    _check(model, layer, workers, warm_up, seed)
    folder = Path(out)
    with writing(folder):
        _check_apart(Path(source), folder)
    plan = ScanPlan(model, tuple(shards_of(source, column=column)), layer, warm_up, seed, folder)
    plan.begin()
    with executor_of(executor, min(workers, len(plan.shards))) as works:
        _run(plan, works, progress or _no_progress)
        merged = _merge(plan, works)
    _finish(plan, merged)
    found = open_scan(folder)
    if not found.n_steps:
        raise no_known_tokens()
    return found


def _check_apart(source: Path, folder: Path) -> None:
    # Path.is_dir raises for names that are too long.
    is_folder = os.path.isdir(source)  # noqa: PTH112
    if is_folder and folder.resolve().is_relative_to(source.resolve()):
        raise InputError(
            "“{name}” lies among the texts, which would then be read with it; write to a folder"
            " beside them.",
            name=shown(str(folder)),
        )


def _no_progress(done: float) -> None:
    """Progress without a listener."""


def _check(model: Any, layer: Any, workers: Any, warm_up: Any, seed: Any) -> None:
    check_model(model)
    if not is_whole_number(layer) or not 0 <= layer < len(model.layers):
        raise InputError(
            "layer should be a whole number from 0 to {last}, but {came} came.",
            last=len(model.layers) - 1,
            came=shown(layer),
        )
    check_count("workers", workers, MAX_WORKERS)
    if not is_whole_number(warm_up) or not 0 <= warm_up <= _MAX_WARM_UP:
        raise InputError(
            "warm_up should be a whole number from 0 to {most}, but {came} came.",
            most=_MAX_WARM_UP,
            came=shown(warm_up),
        )
    check_seed(seed)
    check_reads_text(model, layer)
    check_library("pyarrow")


def _run(plan: ScanPlan, works: Executor | None, progress: ProgressListener) -> None:
    """Scan the shards that have no file yet."""
    total = len(plan.shards)
    waiting = [number for number in range(total) if not plan.path(number).exists()]
    done = total - len(waiting)
    progress(done / total)
    for _ in results_of(works, [(_write_shard, plan, number) for number in waiting]):
        done += 1
        progress(done / total)


def _write_shard(plan: ScanPlan, number: int) -> None:
    with one_thread():
        write_sketch(
            plan.path(number), scan_shard(plan.model, plan.shards[number], number, plan.options)
        )


def _merge(plan: ScanPlan, works: Executor | None) -> Path:
    """File of all shards, merged group by group: always the same groups, so the same bits."""
    files = [plan.path(number) for number in range(len(plan.shards))]
    level = 0
    while len(files) > 1:
        groups = [files[i : i + _GROUP] for i in range(0, len(files), _GROUP)]
        merged = [plan.group(level, number) for number in range(len(groups))]
        calls = [(_write_merged, *both) for both in zip(groups, merged, strict=True)]
        for _ in results_of(works, [call for call in calls if not call[2].exists()]):
            pass
        files, level = merged, level + 1
    return files[0]


def _write_merged(files: list[Path], merged: Path) -> None:
    sketch = read_sketch(files[0])
    for path in files[1:]:
        sketch = sketch + read_sketch(path)
    write_sketch(merged, sketch)


def _finish(plan: ScanPlan, merged: Path) -> None:
    """The merged file in its place with what was found in it, its groups removed."""
    sketch = read_sketch(merged)
    with one_thread():
        features = found_features(sketch, len(plan.model.vocabulary or ()), plan.seed)
    write_sketch(plan.folder / MERGED, sketch, ScanAbout.of(plan, features).written())
    for path in (plan.folder / "shards").glob("merged-*"):
        path.unlink()
