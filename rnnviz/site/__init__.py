"""The static edition: a folder of pages that open without a server.

Each part gives its files by their paths in the folder, and the writer joins them:

    read.read_files()    read.js, read.css, plotly.min.js, models/*.js, en/read.html, zh/read.html

A page lies in the folder of its language and reaches what all share by "../". Scripts are classic
ones and data are scripts that register themselves: a page opened from a file may load nothing else.
"""
