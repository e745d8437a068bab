"""What a gate of a new cell may say of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rnnviz.cells import CELLS
from rnnviz.core.cell import Gate


def test_a_gate_without_input_has_no_bias_of_the_inputs_product() -> None:
    with pytest.raises(ValueError, match="candidate reads no input"):
        Gate("candidate", "tanh", reads_input=False, biases=("b",))
    cell = replace(CELLS["lstm"], gates=(*CELLS["lstm"].gates, Gate("other", reads_input=False)))
    assert cell.biases_of(cell.gates[-1]) == ("bh",)
