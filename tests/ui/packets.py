"""Reads what the server sends to the browser, by the format's description and nothing else."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np


def unpacked(packet: bytes) -> tuple[dict[str, Any], np.ndarray]:
    """Four bytes of header length, a JSON header, then float32 values."""
    (size,) = struct.unpack_from("<I", packet)
    return json.loads(packet[4 : 4 + size]), np.frombuffer(packet[4 + size :], "<f4")


def panels_of(packet: bytes) -> dict[str, np.ndarray]:
    """The panels of a packet by name, (unit, time) each."""
    header, values = unpacked(packet)
    n_steps = len(header["tokens"])
    read = {}
    for panel in header["panels"]:
        n_units = len(panel["units"])
        flat = values[panel["start"] : panel["start"] + n_steps * n_units]
        read[panel["name"]] = flat.reshape(n_steps, n_units).T
    return read
