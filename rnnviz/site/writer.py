"""Writer of the static edition: all of it into a folder, or nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from rnnviz.core.checks import shown
from rnnviz.core.writing import writing
from rnnviz.errors import RnnvizError
from rnnviz.site.files import Files

# Lists what was written, so that the next edition takes its place and nothing else's.
LIST = "rnnviz-site.json"
# Beginning of the name of a folder for what is not whole yet.
_ROOM = ".rnnviz-"


def prepare_folder(folder: Path) -> None:
    """Make a folder for an edition, where it is not there yet.

    Raises RnnvizError unless it is new, empty or an earlier edition's, and can be written.
    """
    with writing(folder):
        if not folder.is_dir() and (folder.exists() or folder.is_symlink()):
            raise RnnvizError(
                "“{folder}” should be a folder for the static edition, but it is a file;"
                " name another place.",
                folder=shown(str(folder)),
            )
        if folder.is_dir() and not (folder / LIST).is_file():
            _clear_interrupted(folder)
            if any(folder.iterdir()):
                raise _other_things(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with _room_in(folder):
            pass


def write_files(folder: Path, files: Files) -> int:
    """Write files into a folder in place of an earlier edition's; returns their bytes.

    All are written beside the old ones first, so that a full disk leaves those as they were.
    Raises RnnvizError where the folder holds other things or cannot be written.
    """
    prepare_folder(folder)
    listed = json.dumps(sorted(files), indent=0).encode()
    every = {**files, LIST: listed}
    with writing(folder):
        earlier = set(_written_before(folder))
        _check_free(folder, every.keys() - earlier - {LIST})
        with _room_in(folder) as room:
            for path, data in every.items():
                _place(room, path).write_bytes(data)
            _announce(folder, room, earlier | files.keys())
            for path in every:
                (room / path).replace(_place(folder, path))
        _remove(folder, earlier - every.keys())
    return sum(map(len, every.values()))


def _announce(folder: Path, room: Path, paths: Collection[str]) -> None:
    """List what may be there from now on, so that one who is interrupted can begin again."""
    (room / f"{LIST}.next").write_text(json.dumps(sorted(paths), indent=0), "utf-8")
    (room / f"{LIST}.next").replace(folder / LIST)


def _clear_interrupted(folder: Path) -> None:
    """Take away what a first writing left that was killed."""
    for room in folder.glob(f"{_ROOM}*"):
        if room.is_dir() and not room.is_symlink():
            shutil.rmtree(room, ignore_errors=True)


def _other_things(folder: Path) -> RnnvizError:
    return RnnvizError(
        "“{folder}” holds other things than a static edition; name an empty or a new folder.",
        folder=shown(str(folder)),
    )


def _check_free(folder: Path, paths: Collection[str]) -> None:
    if any((folder / path).exists() for path in paths):
        raise _other_things(folder)


def _place(folder: Path, path: str) -> Path:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


@contextmanager
def _room_in(folder: Path) -> Iterator[Path]:
    """A folder in the folder, on the same disk, that is gone afterwards."""
    room = Path(mkdtemp(prefix=_ROOM, dir=folder))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _written_before(folder: Path) -> Iterator[str]:
    """Paths in an edition's list that lead nowhere else."""
    try:
        listed = json.loads((folder / LIST).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    for path in listed if isinstance(listed, list) else ():
        if isinstance(path, str) and path and "\0" not in path:
            parts = PurePosixPath(path).parts
            if ".." not in parts and not PurePosixPath(path).is_absolute() and "\\" not in path:
                yield path


def _remove(folder: Path, paths: Collection[str]) -> None:
    """Take away files that an earlier edition had, and the folders left empty."""
    for path in paths:
        place = folder / path
        if place.resolve().is_relative_to(folder.resolve()) and not place.is_dir():
            place.unlink(missing_ok=True)
            with suppress(OSError):
                place.parent.rmdir()
