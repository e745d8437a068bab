"""Records that are written evenly, split many at once: all of one width, quotes around whole cells.

RFC 4180; other records are read one by one, see `rnnviz.inputs.delimited`.
"""

from __future__ import annotations

import numpy as np

from rnnviz.inputs.cells import SEPARATOR

RECORD_END = "\x1e"  # as SEPARATOR, no character of a file's text


def even_columns(
    text: str, mark: str, line_end: str, width: int, comment: str
) -> list[list[str]] | None:
    """Columns of lines that all have the width, none of them blank or a comment, else None.

    >>> even_columns("1,2\\n3,4", ",", "\\n", 2, "")
    [['1', '3'], ['2', '4']]
    """
    if width < 2 or mark == " " or (comment and comment in text):
        return None
    codes = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    is_mark = codes == ord(mark)
    marks = np.flatnonzero(is_mark | (codes == ord(line_end)))
    n_lines = (len(marks) + 1) // width
    if (len(marks) + 1) % width:
        return None
    # Behind width - 1 delimiters a line ends, and nowhere else.
    are_ends = np.append(~is_mark[marks], True).reshape(n_lines, width)
    if not are_ends[:, -1].all() or are_ends[:, :-1].any():
        return None
    # A line of delimiters alone is blank.
    places = np.concatenate([[-1], marks, [len(codes)]])
    if (np.diff(places[::width]) == width).any():
        return None
    cells = text.replace(line_end, mark).split(mark)
    return [cells[column::width] for column in range(width)]


def unquoted_records(text: str, delimiter: str) -> str | None:
    """Records with other marks between cells and at their ends, and without the quotes around.

    None where quotes stand elsewhere than around cells, or a record ends within them.

    >>> unquoted_records('"1,5",2\\n', ",")
    '1,5\\x1f2\\x1e'
    """
    if RECORD_END in text:
        return None
    codes = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8).copy()
    is_quote = codes == ord('"')
    quotes = np.flatnonzero(is_quote)
    if len(quotes) % 2:
        return None
    opening, closing = quotes[::2], quotes[1::2]
    is_end = (codes == ord(delimiter)) | (codes == ord("\n"))
    # A quote within quotes is written twice: one closes, the next opens.
    is_twice = np.append(opening[1:] == closing[:-1] + 1, False)
    begins = (opening == 0) | is_end[opening - 1] | np.append(False, is_twice[:-1])
    ends = (closing == len(codes) - 1) | is_end[np.minimum(closing + 1, len(codes) - 1)] | is_twice
    if not (begins.all() and ends.all()):
        return None
    is_outside = np.logical_xor.accumulate(is_quote) ^ True
    codes[is_outside & (codes == ord(delimiter))] = ord(SEPARATOR)
    codes[is_outside & (codes == ord("\n"))] = ord(RECORD_END)
    is_quote[opening[1:][is_twice[:-1]]] = False
    return str(codes[~is_quote].tobytes(), "utf-8", "surrogatepass")
