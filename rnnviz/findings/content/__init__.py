"""Published findings, one file each, in a module of the finding's key."""
