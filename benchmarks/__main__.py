"""`python -m benchmarks NAME`: run one benchmark and print its table."""

from __future__ import annotations

import argparse
import compileall
from importlib import import_module
from inspect import signature
from pathlib import Path

NAMES = (
    "app",
    "corpus",
    "doors",
    "engine",
    "fuzz",
    "growth",
    "lessons",
    "live",
    "load",
    "long",
    "neighbours",
    "player",
    "site",
    "training",
    "understand",
    "watch",
)

parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
parser.add_argument("name", choices=NAMES)
parser.add_argument("--steps", type=int, help="of the long recording")
parser.add_argument("--only", choices=("change",), help="of the app's tables")
parser.add_argument(
    "--one-core", action="store_true", default=None, help="the engine's processor time on one core"
)
parser.add_argument("--minutes", type=float, help="that the readers are given changed files")
parser.add_argument("--seed", type=int, help="of the changes")
parser.add_argument(
    "--write", action="store_true", default=None, help="the doors' table into its files"
)
given = vars(parser.parse_args())
module = import_module(f"benchmarks.{given.pop('name')}")
options = {name: value for name, value in given.items() if value is not None}
if unknown := options.keys() - signature(module.main).parameters:
    parser.error(f"this benchmark has no {', '.join(f'--{name}' for name in sorted(unknown))}")
# As an installer does it: where Python may not write bytecode, every start would compile.
compileall.compile_dir(Path(__file__).parents[1] / "rnnviz", quiet=1)
module.main(**options)
