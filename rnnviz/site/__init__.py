"""Static edition: pages that open from a folder, a memory stick or any static host.

Each part gives its files by their paths in the folder, and the writer joins them. A page lies in
the folder of its language; what all share lies in `shared/`. Scripts are classic ones and data are
scripts that register themselves: a page opened from a file may load nothing else.
"""
