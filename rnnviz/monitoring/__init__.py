"""Health of a model's recurrent layers, logged while it trains."""
