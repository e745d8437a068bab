"""Tables copied from a spreadsheet or a web page and pasted as text: cells between tabs."""

from __future__ import annotations

from rnnviz.inputs.file_format import AS_FOUND, FileFormat
from rnnviz.inputs.table import Table

PASTED = "pasted.tsv"


def read_pasted(text: str, how: FileFormat = AS_FOUND) -> Table:
    """Table of a pasted text, read as a CSV file is.

    Raises InputError as `read_csv` does.

    >>> read_pasted("x\\ty\\n1,5\\t2\\n")["x"].values.tolist()
    [1.5]
    """
    # Excel ends what it copies by a line break, a browser may begin with one.
    # The name of what was pasted is needed by a page that reads no table.
    from rnnviz.inputs.csv_table import read_csv

    return read_csv(PASTED, text.strip("\r\n"), "", how)
