"""`python -m benchmarks NAME`: run one benchmark and print its table."""

from __future__ import annotations

import argparse
from importlib import import_module

NAMES = ("app", "engine", "formats", "growth", "lessons", "long", "player", "training")

parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
parser.add_argument("name", choices=NAMES)
parser.add_argument("--steps", type=int, help="of the long recording")
parser.add_argument("--only", choices=("change",), help="of the app's tables")
given = parser.parse_args()
module = import_module(f"benchmarks.{given.name}")
chosen = (given.steps, given.only)
module.main(*filter(None, chosen))
