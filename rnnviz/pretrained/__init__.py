"""Published models, read from the files of their installed packages."""
