"""Files of installed packages, taken only when they are the published bytes.

The packages are never imported: importing one runs it, and g2p-en then downloads its data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from rnnviz.errors import MissingLibraryError, ModelError


@dataclass(frozen=True)
class Package:
    """A package on PyPI and those of its files that make its network.

    name     as pip knows it.
    version  the release that holds these files.
    files    path ▶ SHA-256 of the published file.

    >>> Package("a-package-nobody-has", "1.0", {}).is_installed
    False
    """

    name: str
    version: str
    files: Mapping[str, str]

    @property
    def is_installed(self) -> bool:
        """Whether the package is there; its files are looked at when they are read."""
        return _distribution(self.name) is not None

    def read_files(self) -> dict[str, bytes]:
        """Every file's bytes by its path.

        Raises MissingLibraryError when the package is not installed, and ModelError when a file
        is missing or is not what was published.
        """
        found = _distribution(self.name)
        if found is None:
            raise MissingLibraryError(
                "This needs {package}, which is not installed; run `pip install {package}`.",
                package=self.name,
            )
        return {path: self._file(found, path) for path in self.files}

    def _file(self, found: Distribution, path: str) -> bytes:
        data = _bytes(found, path)
        if hashlib.sha256(data).hexdigest() != self.files[path]:
            raise ModelError(
                "{package} is installed, but its file {path} is missing or not the published one;"
                " run `pip install --force-reinstall --no-deps {package}=={version}`.",
                package=self.name,
                path=path,
                version=self.version,
            )
        return data


def _distribution(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _bytes(found: Distribution, path: str) -> bytes:
    try:
        return Path(str(found.locate_file(path))).read_bytes()
    except OSError:
        return b""
