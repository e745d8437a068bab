"""The code behind the text of each lesson."""
