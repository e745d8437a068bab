"""What is quoted from a user is one line that can be shown, whatever came."""

from __future__ import annotations

import pytest

import rnnviz as rv
from rnnviz.core.checks import check_choice, shown, whole_characters
from rnnviz.inputs.parse import parse


def test_a_number_of_more_digits_than_python_writes_is_quoted() -> None:
    assert shown(-(10**5_000)) == "a int of very many digits"


def test_halves_of_characters_are_named_and_whole_ones_stay() -> None:
    assert whole_characters("a\ud83d\ude00😀\udfff") == "a<U+D83D><U+DE00>😀<U+DFFF>"
    whole_characters("\udc00\ud800").encode()


@pytest.mark.parametrize("came", [None, 3, 2.5, b"abc"])
def test_what_is_no_text_is_refused_by_its_type(came: object) -> None:
    with pytest.raises(rv.InputError, match="text or a list of texts was expected"):
        parse(came)  # type: ignore[arg-type]


@pytest.mark.parametrize("came", [rv.Clamp("forget", 1), None, 3])
def test_an_intervention_that_is_not_in_a_list_is_told_so(came: object) -> None:
    model = rv.random_model("lstm", n_inputs=1, n_units=2)
    with pytest.raises(rv.InputError, match="come as a list, as in intervene="):
        rv.trace(model, parse("1 2", "numbers"), intervene=came)  # type: ignore[arg-type]


def test_a_choice_that_is_a_mark_is_quoted() -> None:
    with pytest.raises(rv.InputError, match=r"decimal should be one of “.”, “,”, but “point” came"):
        check_choice("decimal", "point", (".", ","))
