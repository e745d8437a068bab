"""A long sequence through a model, part by part, every signal written to disk on the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path

from numpy.typing import ArrayLike

from rnnviz.core.arrays import Array
from rnnviz.core.backend import maths
from rnnviz.core.sequence import Sequence
from rnnviz.engine.layer_runner import initial_states
from rnnviz.engine.run import output_names
from rnnviz.errors import InputError
from rnnviz.long.work import Progress, Work
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.recordings.metadata import About, Recorded
from rnnviz.recordings.recording import Recording
from rnnviz.recordings.source import Coded, Reading, as_reading, coded_tokens, fitted


def record(
    model: Model,
    given: Reading | Sequence | ArrayLike,
    folder: str | Path,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    progress: Progress | None = None,
) -> Recording:
    """Trace a sequence too long for memory to a folder, with the pyramids that show it.

    given     a Reading, a Sequence (its first row), or a plain array (time, feature).
    folder    is made; one that is there must be empty.
    progress  is told the part that is done, 0…1; what it raises ends the recording, and nothing
              is left of it.

    The numbers are those of `rnnviz.trace`. Raises ModelError when the sequence does not fit the
    model or the numbers grow beyond its type, and InputError when the folder is not empty or the
    disk too small.

    >>> import tempfile
    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record(model, [[1.0]] * 100, f"{folder}/it").window(97, 99)["forget"].shape
    (2, 1, 2)
    """
    maths(backend, device)
    reading = fitted(model, as_reading(given))
    codes, tokens = coded_tokens(reading) or (None, ())
    about, place, tell = _about(model, reading, codes, tokens), Path(folder), progress or _nobody
    with _new(place, about):
        Work(model, reading, codes, about, place, backend, device, tell).write()
        about.save(place)
    tell(1.0)
    return Recording(place, about)


def bytes_of(model: Model, given: Reading | Sequence | ArrayLike) -> int:
    """How many bytes `record` would write, the codes of tokens apart.

    Raises ModelError when the sequence does not fit the model.

    >>> import rnnviz as rv
    >>> bytes_of(rv.random_model("lstm", n_inputs=1, n_units=2), [[0.5]] * 100) // 1000
    8
    """
    return _about(model, fitted(model, as_reading(given)), None, ()).n_bytes


def _nobody(done: float) -> None:
    """Progress that nobody is told of."""


@contextmanager
def _new(place: Path, about: About) -> Iterator[None]:
    """An empty folder with room enough, which goes again when something goes wrong."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise InputError(
            "A recording needs an empty folder, but “{folder}” is not empty; choose another.",
            folder=str(place),
        )
    was_there = place.exists()
    try:
        place.mkdir(parents=True, exist_ok=True)
        _check_space(place, about)
        yield
    except BaseException as error:
        _remove(place, was_there)
        if isinstance(error, OSError):
            raise _not_written(place, about, error) from error
        raise


def _remove(place: Path, was_there: bool) -> None:
    for path in place.glob("*"):
        path.unlink()
    if not was_there and place.exists():
        place.rmdir()


def _check_space(place: Path, about: About) -> None:
    if about.n_bytes > shutil.disk_usage(place).free:
        raise OSError(ENOSPC, "the disk is too small")


def _not_written(place: Path, about: About, error: OSError) -> InputError:
    if error.errno not in (ENOSPC, EDQUOT):
        return InputError(
            "“{name}” cannot be written ({reason}); choose another place.",
            name=str(place),
            reason=error.strerror or type(error).__name__,
        )
    home = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    return InputError(
        "This recording needs {needed} GB on disk, but {free} GB are free;"
        " choose fewer units, fewer layers or a shorter input.",
        needed=f"{about.n_bytes / 1e9:.3g}",
        free=f"{shutil.disk_usage(home).free / 1e9:.3g}",
    )


def _about(model: Model, reading: Reading, codes: Array | None, tokens: tuple[str, ...]) -> About:
    first = reading.window(0, 1)
    coded = isinstance(reading, Coded)
    readout = model.readout
    return About(
        n_steps=reading.n_steps,
        dtype=model.dtype.name,
        layers=tuple(map(_recorded, model.layers)),
        features=first.features,
        encoding=first.encoding,
        inputs="" if coded else first.values.dtype.name,
        tokens=tokens,
        vectors=coded and first.encoding == "embedding",
        codes="" if codes is None else codes.dtype.name,
        source=model.source,
        is_trained=model.is_trained,
        output_names=output_names(model, first),
        readout=readout.activation if readout is not None else "",
    )


def _recorded(layer: Layer) -> Recorded:
    states = initial_states(layer, 1)
    return Recorded(
        layer.cell,
        layer.direction,
        layer.level,
        {signal.name: layer.width(signal.name) for signal in layer.kind.signals},
        {name: tuple(map(float, state[0])) for name, state in states.items()},
    )
