"""The network of a run as the page itself runs it, computed once."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.analysis.panels import signal_names
from rnnviz.analysis.unit_order import MANY_UNITS
from rnnviz.recordings.source import InMemory
from rnnviz.ui import results, run_figures
from rnnviz.ui.build import random_network
from rnnviz.ui.player.drawn_weights import drawn_spec
from rnnviz.ui.player.live_network import LiveView, live_packet
from rnnviz.ui.player.page_arithmetic import live_arithmetic
from rnnviz.ui.player.typed_text import TypedField
from rnnviz.ui.selections import OpenedModel, RandomModel, RunChoice, TypedText, ViewChoice


@results.CACHE.cached
def network_packet_of(
    run: RunChoice, view: ViewChoice, group: str, name: str, is_drawn: bool
) -> bytes | None:
    """The packet of `live_network`; None where a window is shown or the network is too large.

    name      under which the page has the run's numbers.
    is_drawn  whether the heatmaps show the run's numbers, not their difference from others.
    """
    if run.window is not None:
        return None
    trace = results.trace_of(run)
    model = results.model_of(run.model, trace.sequence.n_features)
    whole = run_figures.panels_of(run, replace(view, show=signal_names(trace, view.layer)))
    shown = LiveView(
        whole,
        view.layer,
        group,
        is_drawn,
        name,
        typed_field(run),
        arithmetic=live_arithmetic(model, trace, view.layer, view.look),
    )
    if isinstance(run.model, RandomModel):
        n_inputs, gain = trace.sequence.n_features, run.model.gain
        drawn = random_network(replace(run.model, gain=1), n_inputs, dtype=float)
        random = drawn_spec(drawn, run.model.seed, run.model.init)
        random |= {
            "isPlain": _is_plain(run.model, view, shown.field),
            "activation": run.model.activation,
            "direction": run.model.direction,
        }
        shown = replace(shown, drawn=drawn, gain=gain, random=random)
    return live_packet(model, trace, shown)


def _is_plain(chosen: RandomModel, view: ViewChoice, field: TypedField | None) -> bool:
    """Whether the page can show another cell: all signals and units as they are stored, a text."""
    is_stored = view.order in ("telling", "index") and chosen.units < MANY_UNITS
    return is_stored and not (view.show or view.only) and field is not None


def typed_field(run: RunChoice) -> TypedField | None:
    """The field whose text the network reads."""
    source = results.source_of(run.input)
    if not isinstance(run.input, TypedText) or not isinstance(source, InMemory):
        return None
    typed, name = run.input, "says" if isinstance(run.model, OpenedModel) else "text"
    return TypedField(name, typed.text, source.sequence, typed.kind, typed.joined)
