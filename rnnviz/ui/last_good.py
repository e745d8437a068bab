"""The last choice that worked, for a page whose current one does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.ui import state
from rnnviz.ui.text import warn

_Choice = TypeVar("_Choice")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class LastGood(Generic[_Choice]):
    """The last choice of its kind that worked in this session, under a key of its state."""

    key: str

    def settle(
        self, choice: _Choice, build: Callable[[_Choice], _Result]
    ) -> tuple[_Choice, _Result] | None:
        """The choice and what is built from it; where that fails, a warning and the last good.

        build  raises RnnvizError for a choice that does not work.
        """
        try:
            result = build(choice)
        except RnnvizError as error:
            warn(error)
            return self.again(build)
        self.remember(choice)
        return choice, result

    def again(self, build: Callable[[_Choice], _Result]) -> tuple[_Choice, _Result] | None:
        """The last good choice and what is built from it; None where there is none that works."""
        last: _Choice | None = st.session_state.get(self.key)
        if last is None:
            return None
        try:
            return last, build(last)
        except RnnvizError:
            return None

    def remember(self, choice: _Choice) -> None:
        """Take a choice for one that works."""
        state.put(**{self.key: choice})
