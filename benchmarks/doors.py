"""What people bring, read and held against somebody else's program: the table in `doors.md`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.doors.all_cases import CASES
from tests.doors.case import Case, Outcome

ROOT = Path(__file__).parents[1]
TABLE, README = ROOT / "benchmarks" / "doors.md", ROOT / "README.md"
_BLOCK = re.compile(r"(?<=<!-- doors -->\n).*?(?=<!-- /doors -->)", re.DOTALL)


def main(write: bool = False) -> None:
    """Print a row a case and a row a format; with `--write` put them into the files."""
    outcomes = [(case, _run(case)) for case in CASES]
    rows, formats = "\n".join(_rows(outcomes)), "\n".join(_formats(outcomes))
    print(rows, formats, sep="\n\n")
    if write:
        TABLE.write_text(f"# Doors\n\n{_INTRODUCTION}\n\n{date.today()}:\n\n{rows}\n")
        readme = README.read_text()
        README.write_text(_BLOCK.sub(lambda _: f"{formats}\n", readme))


_INTRODUCTION = """\
`python -m benchmarks doors --write` opens every case of `tests/doors` and holds what was read
against its witness. The difference is the largest one, relative to the witness' largest number."""


def _run(case: Case) -> Outcome:
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return case.run(Path(folder))


def _rows(outcomes: Iterable[tuple[Case, Outcome]]) -> Iterable[str]:
    yield "| door | what comes | witness | relative difference | grade, or what is said | |"
    yield "|---|---|---|---|---|---|"
    for case, outcome in outcomes:
        number = "–" if outcome.difference is None else f"{outcome.difference:.1e}"
        said = outcome.grade if outcome.is_right else f"{outcome.grade} {outcome.said}".strip()
        verdict = f"**{case.fault(outcome)}**" if case.fault(outcome) else "pass"
        cells = case.door, case.title, case.witness, number, said, verdict
        yield (
            "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
        )


def _formats(outcomes: Iterable[tuple[Case, Outcome]]) -> Iterable[str]:
    yield "| door | cases | read | proved | largest difference | asked or refused by name |"
    yield "|---|---|---|---|---|---|"
    by_door: dict[str, list[Outcome]] = {}
    for case, outcome in outcomes:
        by_door.setdefault(case.door, []).append(outcome)
    for door, every in by_door.items():
        right = [one.difference for one in every if one.is_right and one.difference is not None]
        largest = f"{max(right):.1e}" if right else "–"
        proved = sum(one.grade == "proved" for one in every)
        cells = door, len(every), len(right), proved, largest, len(every) - len(right)
        yield f"| {' | '.join(map(str, cells))} |"
