"""Files of the static edition by their paths in its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# Bytes by path, relative and with forward slashes.
Files = Mapping[str, bytes]


def script_json(value: Any) -> str:
    """JSON that may stand in a script of an HTML page.

    >>> script_json("</script>")
    '"<\\\\/script>"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")
