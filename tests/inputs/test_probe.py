import numpy as np
import pytest

from rnnviz.errors import InputError
from rnnviz.inputs.probe import SIGNALS, probe_signal


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize(("n_features", "n_steps"), [(10**9, 60), (10**12, 1), (3, 10**12)])
def test_a_signal_of_too_many_numbers_is_refused_before_it_is_made(
    signal: str, n_features: int, n_steps: int
) -> None:
    with pytest.raises(InputError, match="may hold 50000000 numbers"):
        probe_signal(signal, n_features, n_steps=n_steps)


@pytest.mark.parametrize(("n_features", "n_steps"), [(0, 5), (-1, 5), (2, 0)])
def test_a_signal_of_nothing_is_refused(n_features: int, n_steps: int) -> None:
    with pytest.raises(InputError, match="at least one step and one feature"):
        probe_signal("noise", n_features, n_steps=n_steps)


def test_sines_have_one_to_eight_periods() -> None:
    values = probe_signal("sines", 2, n_steps=800).values[:, 0]
    rising = ((values[:-1] < 0) & (values[1:] >= 0)).sum(axis=0)
    assert np.isin(rising, [[0, 1], [7, 8]]).any(axis=0).all()
