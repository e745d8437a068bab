"""Two models that are the same are found to be: no parting beyond rounding and no cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.doctor.planted import network, with_weights
from tests.doctor.sound import all_pairs
from tests.witnesses import normal

VALUES = normal(12, 2, 4, seed=9).astype(np.float32)
PAIRS = dict(all_pairs())


def test_there_are_more_than_fifty_pairs() -> None:
    assert len(PAIRS) > 50


# Keras' own arrays.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("make", PAIRS.values(), ids=PAIRS)
def test_a_sound_pair_raises_no_alarm(
    make: Callable[[Path], tuple[Any, Any]], tmp_path: Path
) -> None:
    one, other = make(tmp_path)
    # A live module takes what torch takes.
    is_live = any(isinstance(each, torch.nn.Module) for each in (one, other))
    found = rv.diff(one, other, torch.tensor(VALUES) if is_live else VALUES)
    assert found.is_same, str(found)
    assert (found.causes, found.unfelt, found.others) == ((), (), ())
    assert found.largest < 1e-5
    assert "the same" in str(found)
    assert found.text("zh") != str(found)


def chaotic() -> rv.Model:
    """A network in which every difference grows until it is as large as the states."""
    return rv.from_torch(network("RNN", units=40).double())


def test_rounding_that_a_chaotic_network_makes_large_is_no_parting() -> None:
    def shaken(layer: rv.Layer) -> dict[str, Any]:
        return {name: a * (1 + 1e-7) for name, a in layer.weights.items()}

    found = rv.diff(chaotic(), with_weights(chaotic(), shaken), 0.1 * normal(200, 1, 4))
    assert found.largest > 0.1
    assert found.is_same
    assert not found.causes


def test_a_fault_beside_rounding_in_a_chaotic_network_is_still_named() -> None:
    def faulty(layer: rv.Layer) -> dict[str, Any]:
        kept = {name: a for name, a in layer.weights.items() if name != "hidden.bh"}
        return {name: a * (1 + 1e-7) for name, a in kept.items()}

    found = rv.diff(chaotic(), with_weights(chaotic(), faulty), 0.1 * normal(200, 1, 4))
    assert found.cause == "bias_lost"
    assert found.left is not None
    assert found.left > 0.1
