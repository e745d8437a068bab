"""Files of a corpus: those that are read, and those that are left out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rnnviz.core.checks import shown
from rnnviz.errors import InputError

_TEXTS = (".txt", ".txt.gz")
_TABLES = (".parquet", ".arrow")


@dataclass(frozen=True)
class TextFiles:
    """Files of a corpus in the order of their names.

    left_out  of another kind; what is hidden is not among them.
    """

    read: tuple[Path, ...]
    left_out: tuple[Path, ...]


def text_files(source: Path) -> TextFiles:
    """Files of a folder and of the folders in it, or a file alone.

    Raises InputError for a path that is not there and for a place without files that are read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.TXT", "a.txt", "c.csv", ".d.txt"):
    ...         _ = Path(folder, name).write_text("one")
    ...     found = text_files(Path(folder))
    >>> [path.name for path in found.read], [path.name for path in found.left_out]
    (['a.txt', 'b.TXT'], ['c.csv'])
    """
    # Path.exists raises for names that are too long.
    if not os.path.exists(source):  # noqa: PTH110
        raise InputError(
            "“{name}” should be a file or a folder of texts, but there is none; check the path.",
            name=shown(str(source)),
        )
    files = sorted(_in_folder(source)) if source.is_dir() else [source]
    read = [path for path in files if is_plain_text(path) or is_text_table(path)]
    if not all(path.is_file() for path in read) or not read:
        raise InputError(
            "A corpus is .txt, .txt.gz, .parquet or .arrow files, or a folder of them, but “{name}”"
            " has none; give the path of such files.",
            name=shown(str(source)),
        )
    left_out = [path for path in files if not (is_plain_text(path) or is_text_table(path))]
    return TextFiles(tuple(read), tuple(left_out))


def is_plain_text(path: Path) -> bool:
    """True for a file of one text."""
    return path.name.lower().endswith(_TEXTS)


def is_text_table(path: Path) -> bool:
    """True for a file whose rows are texts."""
    return path.name.lower().endswith(_TABLES)


def _in_folder(folder: Path) -> Iterator[Path]:
    """Files that are not hidden, in folders that are not; those of editors and of versions are."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(place, name) for name in names if not name.startswith("."))
        yield from (path for path in paths if path.is_file())
