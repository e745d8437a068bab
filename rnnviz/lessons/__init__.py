"""Nine lessons: their texts, the code of their figures and numbers, and sheets to print."""
