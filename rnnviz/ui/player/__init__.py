"""Browser components: the player over the heatmaps, its charts, tables and live cell diagram."""
