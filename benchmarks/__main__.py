"""`python -m benchmarks NAME`: run one benchmark and print its table."""

from __future__ import annotations

import argparse
from importlib import import_module

NAMES = ("app", "engine", "formats", "growth", "player", "training")

parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
parser.add_argument("name", choices=NAMES)
import_module(f"benchmarks.{parser.parse_args().name}").main()
