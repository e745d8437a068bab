"""The sample of the page Corpus: `python -m assets.scans.make`."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from rnnviz.core.resources import asset
from rnnviz.corpus import scan
from rnnviz.train.presets import preset

MODEL = "next_character_lstm"


def make() -> None:
    """Scan the book that the network writes like, and keep the whole result."""
    with TemporaryDirectory() as folder:
        out = Path(folder, "out")
        scan(preset(MODEL).model(), asset("models", "data", "alice.txt"), out)
        copyfile(out / "corpus.parquet", asset("scans", "alice.parquet"))


if __name__ == "__main__":
    make()
