"""Nine lessons: their texts, what stands behind their figures and numbers, and sheets to print."""
