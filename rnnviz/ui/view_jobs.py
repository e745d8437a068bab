"""Results of the views of Understand, kept for all sessions, and the jobs that make them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnviz.ui.fingerprint import fingerprint
from rnnviz.ui.result_jobs import ResultJob, result_job
from rnnviz.ui.results import CACHE
from rnnviz.ui.understand.insight import SeenRun
from rnnviz.ui.understand.registry import INSIGHTS


@CACHE.cached
def insight_result(key: str, seen: SeenRun) -> Any:
    """The result of a view. Raises RnnvizError where the run has none."""
    return INSIGHTS[key].compute(seen)


def is_at_hand(key: str, seen: SeenRun) -> bool:
    """True where the result of a view is kept, or takes so little that a page waits for it."""
    return not INSIGHTS[key].takes_long(seen) or CACHE.holds(insight_result, key, seen)


def view_job(key: str, seen: SeenRun) -> ResultJob:
    """The job of a view."""
    return result_job(
        f"view {key}",
        fingerprint(key, seen),
        lambda call: insight_result(key, replace(seen, call=call)),
    )
