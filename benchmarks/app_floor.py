"""The least that Streamlit can do: one heatmap of the size that the app is measured with."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

seed = st.number_input("Seed", 0, key="seed")
values = np.random.default_rng(seed).random((64, 200), np.float32)
st.plotly_chart(go.Figure(go.Heatmap(z=values)), key="chart")
