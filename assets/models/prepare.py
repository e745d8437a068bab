"""The two texts to learn from, made from the packages that carry them.

pip download --no-deps --no-binary :all: brotli==1.2.1     (tests/testdata/alice29.txt)
pip install faker==40.54.0
python -m assets.models.prepare path/to/alice29.txt
"""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module
from pathlib import Path

DATA = Path(__file__).parent / "data"
LOCALES = {
    "English": "en_GB",
    "German": "de_DE",
    "French": "fr_FR",
    "Spanish": "es_ES",
    "Italian": "it_IT",
    "Dutch": "nl_NL",
    "Finnish": "fi_FI",
    "Croatian": "hr_HR",
}
NAMES_EACH = 360


def prose(raw: str) -> str:
    """The book without its title and headings: a paragraph a line, plain double quotes.

    The file opens a quotation with a backtick and closes it with an apostrophe; an apostrophe
    between two letters, or where no quotation is open, stays one.
    """
    paragraphs = (" ".join(p.split()) for p in re.split(r"\n\s*\n", raw))
    kept = [p for p in paragraphs if re.search("[a-z]", p) and len(p) > 40 and "*" not in p]
    return "\n".join(_quoted(p.replace("_", "")) for p in kept if p.isascii()) + "\n"


def _quoted(paragraph: str) -> str:
    closing = re.compile(r"`((?:[^`']|(?<=[A-Za-z])'(?=[A-Za-z]))*)'")
    return closing.sub(r'"\1"', paragraph).replace("`", '"')


def surnames() -> dict[str, list[str]]:
    """By language the surnames that no other of the languages has, as many of each."""
    lists = {language: _of(locale) for language, locale in LOCALES.items()}
    own = {
        language: [n for n in names if sum(n in other for other in lists.values()) == 1]
        for language, names in lists.items()
    }
    return {language: _spread(names) for language, names in own.items()}


def _of(locale: str) -> list[str]:
    provider = import_module(f"faker.providers.person.{locale}").Provider
    return sorted({name for name in provider.last_names if name.isalpha()})


def _spread(names: list[str]) -> list[str]:
    """As many as of every language, spread evenly over the alphabet."""
    step = max(len(names) / NAMES_EACH, 1)
    return [names[int(i * step)] for i in range(min(NAMES_EACH, len(names)))]


if __name__ == "__main__":
    book = prose(Path(sys.argv[1]).read_text("ascii", errors="ignore"))
    (DATA / "alice.txt").write_text(book, "utf-8")
    names = json.dumps(surnames(), ensure_ascii=False, indent=1, sort_keys=True)
    (DATA / "surnames.json").write_text(names + "\n", "utf-8")
