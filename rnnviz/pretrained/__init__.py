"""Networks others trained, read from their installed packages; nothing of theirs is kept here."""
