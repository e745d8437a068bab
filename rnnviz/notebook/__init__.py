"""The player in notebooks: a widget, and a page that goes on without a kernel."""
