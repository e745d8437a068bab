"""`python -m rnnviz`: the command line."""

from __future__ import annotations

import sys

from rnnviz.cli import main

sys.exit(main())
