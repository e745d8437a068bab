"""Published findings, measured again."""
