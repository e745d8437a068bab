"""Long sequences: traced part by part to disk, and looked at through a pyramid."""
