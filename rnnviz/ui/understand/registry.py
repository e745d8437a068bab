"""Views of the page Understand, in the order in which they are offered."""

from __future__ import annotations

from rnnviz.ui.understand import (
    automaton,
    coloured_text,
    eigenvalues,
    exponents,
    fixed_points,
    health,
    how_far_back,
    inputs,
    memory,
    patching,
    phase,
    training,
    trajectories,
    two_networks,
    unit_finder,
    write,
    written_answer,
)
from rnnviz.ui.understand.insight import Insight

INSIGHTS: dict[str, Insight] = {
    one.key: one
    for one in (
        trajectories.INSIGHT,
        coloured_text.INSIGHT,
        unit_finder.INSIGHT,
        memory.INSIGHT,
        written_answer.INSIGHT,
        inputs.INSIGHT,
        patching.INSIGHT,
        fixed_points.INSIGHT,
        eigenvalues.INSIGHT,
        exponents.INSIGHT,
        phase.INSIGHT,
        how_far_back.INSIGHT,
        health.INSIGHT,
        automaton.INSIGHT,
        training.INSIGHT,
        two_networks.INSIGHT,
        write.INSIGHT,
    )
}
