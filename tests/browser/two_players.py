"""A page with two networks that read one sentence on one playhead."""

import streamlit as st

import rnnviz as rv
from rnnviz.analysis.panels import panels
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.theme import Look
from rnnviz.ui import address, shell
from rnnviz.ui.player.player import player
from rnnviz.ui.player.value_table import value_table


def main() -> None:
    """Draw both, of a run of this script by Streamlit."""
    address.load_session()
    shell.page_header()
    sequence = rv.parse("The cat sat on the mat.")
    for column, cell in zip(st.columns(2), ("rnn", "gru"), strict=True):
        model = rv.random_model(cell, sequence.n_features, 4, seed=7, gain=3)
        view = panels(rv.trace(model, sequence), ["hidden"])
        same = {"name": cell, "group": cell, "playhead": "both", "language": "en"}
        with column:
            player(view, key=f"player_{cell}", step=0, jump=0, **same)
            with st.container(key=cell):
                figure = to_page(panels_figure(view, Look()))
                st.plotly_chart(figure, key=f"chart_{cell}", theme=None)
            value_table(view, key=f"numbers_{cell}", dark=False, **same)


if __name__ == "__main__":
    main()
