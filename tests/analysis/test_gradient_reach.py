"""Reach of a gradient and growth of a memory, row by row, as the definitions say."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.analysis.gradient_reach import gradient_reach
from rnnviz.analysis.memory import growth

LENGTHS = (7, 4, 1, 5, 2)


def norms(seed: int) -> np.ndarray:
    """Norms (time, batch); what stands behind a row's end is NaN."""
    found = np.random.default_rng(seed).exponential(size=(7, 5))
    found[np.arange(7)[:, None] >= np.asarray(LENGTHS)] = np.nan
    return found


@pytest.mark.parametrize("is_backward", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_reach_is_the_farthest_step_that_has_a_part_of_e(seed: int, is_backward: bool) -> None:
    array = norms(seed)
    # A row without a gradient at the step it reads last tells nothing, nor does a broken one.
    array[0 if is_backward else 3, 1] = 0
    array[2, 3] = np.nan
    steps, logs = [], []
    for row in (0, 2, 4):
        back = list(array[: LENGTHS[row], row])[:: 1 if is_backward else -1]
        steps.append(max(n for n, norm in enumerate(back) if norm >= back[0] / np.e))
        logs.append(np.log(back[-1] / back[0]))
    found = gradient_reach(array, LENGTHS, is_backward=is_backward)
    assert found is not None
    assert found.steps == pytest.approx(np.mean(steps), abs=1e-12)
    assert found.growth == pytest.approx(np.exp(np.mean(logs)), rel=1e-12)


@pytest.mark.parametrize("is_backward", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_growth_is_the_end_over_the_middle_of_rows_of_four_steps(
    seed: int, is_backward: bool
) -> None:
    array, logs = norms(seed), []
    for row in (0, 1, 3):
        steps = list(array[: LENGTHS[row], row])[:: -1 if is_backward else 1]
        logs.append(np.log(steps[-1] / steps[LENGTHS[row] // 2]))
    found = growth(array, LENGTHS, is_backward=is_backward)
    assert found == pytest.approx(np.exp(np.mean(logs)), rel=1e-12)


def test_without_a_gradient_or_four_steps_nothing_is_told() -> None:
    assert gradient_reach(np.zeros((3, 2)), (3, 2)) is None
    assert growth(np.ones((3, 2)), (3, 2)) is None
