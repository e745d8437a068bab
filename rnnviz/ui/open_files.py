"""How many files the server may have open at once."""

from __future__ import annotations

import sys

_MOST = 65_536


def allow_many_open_files() -> None:
    """Raise the process's limit as far as the system lets it.

    A page takes four files, one that is kept for its return three, and many systems start a
    process with 1,024.
    """
    if sys.platform == "win32":
        return
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST if most == resource.RLIM_INFINITY else min(most, _MOST)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
