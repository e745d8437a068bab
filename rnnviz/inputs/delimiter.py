"""The delimiter of a text's columns, found in its first lines."""

from __future__ import annotations

import re
from collections import Counter

from rnnviz.inputs.decision import Decision
from rnnviz.inputs.delimited import COMMENTS, Delimited, is_open_behind, is_rule
from rnnviz.inputs.file_format import DELIMITERS
from rnnviz.inputs.kinds import likely_kind

_CHARACTERS, _LINES = 64_000, 60
_CONSISTENT = 0.9
_MIN_RUN = 3
_BY_TABS = (".tsv", ".tab", ".lvm")
_ALONE = re.compile(r"[-+]?[0-9]+(?:,[0-9]+)?")
_SPLIT = re.compile(r"[\t;|]|,(?! )")


def find_delimiter(name: str, text: str) -> Decision:
    r"""Delimiter that makes lines of equally many cells, most of them numbers or dates.

    A comma also stands inside numbers and sentences, so that another is preferred where both fit.

    >>> find_delimiter("a.csv", "a;b\n1,5;2\n2,5;3\n").chosen
    ';'
    """
    lines = _first_lines(text)
    if _is_decimal_comma(lines) or _is_decimal_comma_below(lines):
        return Decision("delimiter", ";", (";", ","), is_certain=False)
    is_one_value, is_certain = _is_one_value(lines)
    if is_one_value:
        absent = "," if not any("," in line for line in lines) else ";"
        return Decision("delimiter", absent, (absent, " "), is_certain=is_certain)
    scores = {mark: _score(Delimited(name, "", mark), lines) for mark in DELIMITERS}
    if not any(fits for fits, _ in scores.values()):
        # A short table below many lines about it.
        scores = {mark: _score_of_run(Delimited(name, "", mark), lines) for mark in DELIMITERS}
        if name.lower().removesuffix(".gz").endswith(_BY_TABS) and scores["\t"][0]:
            scores = {"\t": scores["\t"], **dict.fromkeys(DELIMITERS[1:], (False, 0.0))}
    best = max(scores.values())
    fitting = tuple(mark for mark, score in scores.items() if score[0])
    if not best[0]:
        return Decision("delimiter", ",", DELIMITERS)
    chosen = next(mark for mark, score in scores.items() if score == best)
    if chosen == " ":
        chosen = next((m for m in fitting if m != " " and _names_fit(m, name, lines)), chosen)
    return Decision("delimiter", chosen, (*fitting, *(m for m in DELIMITERS if m not in fitting)))


def _names_fit(mark: str, name: str, lines: list[str]) -> bool:
    """True where a mark splits the names as it splits the rows, and white space does not.

    Dates with a time and a zone, as 2024-01-05 12:00 EST, are split by white space into three.
    """
    by_mark, by_spaces = (
        [len(Delimited(name, "", each).cells(line)) for line in lines[:_LINES]]
        for each in (mark, " ")
    )
    return len(set(by_mark)) == 1 and by_spaces[0] != by_spaces[-1]


def _first_lines(text: str) -> list[str]:
    """Lines at the start of a text, those inside quotes joined."""
    start = text[:_CHARACTERS]
    lines = start.split("\n")
    # The last one may be cut.
    lines = lines[:-1] if len(start) < len(text) and len(lines) > 1 else lines
    records: list[str] = []
    open_lines: list[str] = []
    for line in lines:
        is_open = is_open_behind(line, bool(open_lines))
        open_lines.append(line)
        if not is_open:
            records.append("\n".join(open_lines))
            open_lines = []
    records += open_lines
    filled = [line for line in records if line.strip() and not is_rule(line)]
    kept = [line for line in filled if not line.startswith(COMMENTS)]
    return (kept or records)[:_LINES]


def _score(delimited: Delimited, lines: list[str]) -> tuple[bool, float]:
    """Whether lines are split equally into several cells, and the share of numbers and dates."""
    rows = [delimited.cells(line) for line in lines]
    # What stands above the table is of any width.
    lower = rows[len(rows) // 3 :]
    width, count = Counter(map(len, lower)).most_common(1)[0] if lower else (0, 0)
    if width < 2 or count < _CONSISTENT * len(lower):
        return False, 0.0
    cells = [cell for row in lower if len(row) == width for cell in row]
    kinds = Counter(map(likely_kind, cells))
    share = (kinds["number"] + kinds["date"]) / max(len(cells) - kinds["missing"], 1)
    # Words are split at white space everywhere: only columns of numbers are.
    return delimited.delimiter != " " or share > 0.5, round(share, 2)


def _score_of_run(delimited: Delimited, lines: list[str]) -> tuple[bool, float]:
    """As `_score`, of the longest run of lines that are split equally."""
    start, stop = longest_run([len(delimited.cells(line)) for line in lines])
    fits, share = _score(delimited, lines[start:stop])
    return (True, share) if fits and stop - start >= _MIN_RUN and share else (False, 0.0)


def longest_run(widths: list[int]) -> tuple[int, int]:
    """First place of, and place behind, the longest run of one width that is no single column.

    >>> longest_run([1, 1, 1, 3, 3, 2])
    (3, 5)
    """
    best = (0, 0)
    start = 0
    for stop in range(1, len(widths) + 1):
        if stop == len(widths) or widths[stop] != widths[start]:
            if widths[start] > 1 and stop - start > best[1] - best[0]:
                best = (start, stop)
            start = stop
    return best


def _is_decimal_comma(lines: list[str]) -> bool:
    """True for one name over numbers that all have one comma, as in price, 1,5 and 2,5."""
    first = next((i for i, line in enumerate(lines) if "," in line), 0)
    kinds = {likely_kind(line) for line in lines[first:]}
    others = any(mark in line for line in lines for mark in '\t;|"')
    one_each = all(line.count(",") <= 1 for line in lines)
    is_named = first > 0 and likely_kind(lines[first - 1]) == "text"
    return is_named and one_each and not others and kinds <= {"number", "missing"}


def _is_decimal_comma_below(lines: list[str]) -> bool:
    """True for settings with semicolons above numbers that stand alone, one comma in each."""
    first = next((i for i, line in enumerate(lines) if _ALONE.fullmatch(line.strip())), 0)
    above, below = lines[:first], lines[first:]
    is_apart = len(above) > 1 and all(";" in line and "," not in line for line in above)
    are_alone = all(_ALONE.fullmatch(line.strip()) for line in below)
    return is_apart and are_alone and len(below) >= _MIN_RUN


def _is_one_value(lines: list[str]) -> tuple[bool, bool]:
    """True for lines of values with blanks inside, as 5 Jan 2024 and 1 234, and without doubt.

    Numbers below one name may be values behind the names of their rows.
    """
    kinds = [likely_kind(line) for line in lines]
    first = next((i for i, kind in enumerate(kinds) if kind in ("number", "date")), 0)
    values = [line.split() for line in lines[first:]]
    names = lines[first - 1].replace(",", " ").split() if first else []
    is_split = max(map(len, values)) < 2 or any(map(_SPLIT.search, lines))
    if is_split or len(names) > 1 or set(kinds[first:]) - {"missing"} not in ({"number"}, {"date"}):
        return False, True
    if "date" in kinds:
        return True, True
    counted = [parts[0] for parts in values] == [str(i) for i in range(1, len(values) + 1)]
    return bool(names) and not counted, False
