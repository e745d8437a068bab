"""Files of the static edition by their paths in its folder."""

from __future__ import annotations

from collections.abc import Mapping

# Bytes by path, relative and with forward slashes.
Files = Mapping[str, bytes]
