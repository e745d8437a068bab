"""Input files that are small or cheap to make and were dear to read, by name."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np

Make = Callable[[], bytes]


def npz(compressed: bool = True, **arrays: Any) -> bytes:
    stream = BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet as pq

    stream = BytesIO()
    pq.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


def dates(count: int) -> str:
    return "day\n" + "\n".join(np.arange(count).astype("datetime64[m]").astype(str)) + "\n"


def words(count: int) -> str:
    return "word\n" + "\n".join(f"w{i}" for i in range(count)) + "\n"


def unequal(count: int) -> str:
    return "\n".join("a" * (i % 7) + "," * (i % 5) for i in range(count))


INPUTS: dict[str, tuple[str, Make]] = {
    "a thousandfold of features": ("a.npz", lambda: npz(x=np.zeros((1, 1, 25_000_000), np.int8))),
    "steps without number": ("a.npz", lambda: npz(x=np.zeros((25_000_000, 1, 1), np.int8))),
    "rows without number": ("a.npz", lambda: npz(x=np.zeros((1, 25_000_000, 1), np.int8))),
    "a table of 5 million steps": ("a.npz", lambda: npz(x=np.zeros(25_000_000, np.int8))),
    "blank lines": ("a.csv", lambda: b"\n" * 20_000_000),
    "blank lines with a cell": ("a.csv", lambda: b"x\n" + b" \n" * 9_000_000),
    "blank lines, packed": ("a.csv.gz", lambda: gzip.compress(b"x\n1\n" + b"\n" * 190_000_000)),
    "five million dates": ("a.csv.gz", lambda: gzip.compress(dates(4_900_000).encode(), 1)),
    "a million dates": ("a.csv", lambda: dates(1_000_000).encode()),
    "distinct words": ("a.csv", lambda: words(2_000_000).encode()),
    "distinct words, packed": ("a.csv.gz", lambda: gzip.compress(words(4_900_000).encode(), 1)),
    "a row of 66 million columns": ("a.csv.gz", lambda: gzip.compress(b"1," * 66_000_000)),
    "a row of 9 million columns": ("a.csv", lambda: b"1," * 9_000_000),
    "two rows of a thousand columns, unequal": ("a.csv", lambda: unequal(3_000_000).encode()),
    "quotation marks": ("a.csv", lambda: b'"' * 20_000_000),
    "an open quotation mark": ("a.csv", lambda: b'x\n"' + b"1\n" * 9_000_000),
    "numbers of 40,000 digits": ("a.csv", lambda: b"x\n" + (b"1" * 40_000 + b"\n") * 480),
    "numbers of 40,000 digits in JSON": (
        "a.json",
        lambda: b"[" + b",".join([b"1" * 40_000] * 480) + b"]",
    ),
    "numbers of 4,000 digits in JSON": (
        "a.json",
        lambda: b"[" + b",".join([b"1" * 4_000] * 4_800) + b"]",
    ),
    "powers of ten in JSON": ("a.json", lambda: b"[" + b",".join([b"1e400"] * 3_000_000) + b"]"),
    "JSON Lines of empty rows": ("a.jsonl", lambda: b"{}\n" * 6_000_000),
    "JSON Lines of empty lists": ("a.jsonl", lambda: b"[]\n" * 6_000_000),
    "JSON Lines of blank lines": ("a.jsonl", lambda: b"\n" * 20_000_000),
    "JSON Lines of numbers": ("a.jsonl", lambda: b"1\n" * 9_000_000),
    "JSON Lines of many names": (
        "a.jsonl",
        lambda: "\n".join(json.dumps({f"n{i}": 1}) for i in range(900_000)).encode(),
    ),
    "a JSON of many columns": (
        "a.json",
        lambda: json.dumps({f"n{i}": [1] for i in range(900_000)}).encode(),
    ),
    "a JSON of empty lists": ("a.json", lambda: b"[" + b",".join([b"[]"] * 6_000_000) + b"]"),
    "a JSON of empty records": ("a.json", lambda: b"[" + b",".join([b"{}"] * 6_000_000) + b"]"),
    "a deep JSON": ("a.json", lambda: b"[" * 10_000_000),
    "a deep JSON that ends": ("a.json", lambda: b"[" * 900 + b"1" + b"]" * 900),
    "escapes in JSON": ("a.json", lambda: b'"' + b"\\u0041" * 3_000_000 + b'"'),
    "regional indicators": ("a.txt", lambda: "🇩".encode() * 200_000),
    "combining marks": ("a.txt", lambda: ("a" + "\u0301" * 5_000_000).encode()),
    "joined emoji": ("a.txt", lambda: "👩\u200d".encode() * 1_000_000),
    "ten million letters": ("a.txt", lambda: b"abcdefghi " * 1_900_000),
    "one long word": ("a.txt", lambda: b"a" * 19_000_000),
    "spaces": ("a.txt", lambda: b" " * 19_000_000),
    "letters, packed": ("a.txt.gz", lambda: gzip.compress(b"a" * 190_000_000)),
    "a gzip in many members": ("a.txt.gz", lambda: gzip.compress(b"") * 900_000),
    "distinct characters": (
        "a.txt",
        lambda: "".join(map(chr, [*range(0x4E00, 0x9FFF)])).encode() * 150,
    ),
    "half a million tiny members": (
        "a.npz",
        lambda: npz(**{f"x{i}": np.zeros(1) for i in range(5_000)}),
    ),
    "a Parquet of repeated texts": (
        "a.parquet",
        lambda: parquet({"a": ["x" * 100_000] * 4_000}),
    ),
    "a Parquet of zeros": ("a.parquet", lambda: parquet({"a": np.zeros(4_900_000)})),
    "a Parquet of dates": (
        "a.parquet",
        lambda: parquet({"a": np.zeros(4_900_000, "datetime64[us]")}),
    ),
    "a Parquet of distinct texts": (
        "a.parquet",
        lambda: parquet({"a": [str(i) for i in range(1_500_000)]}),
    ),
    "a Parquet of many columns": (
        "a.parquet",
        lambda: parquet({f"c{i}": [1.0] for i in range(20_000)}),
    ),
    "a Parquet of many groups": (
        "a.parquet",
        lambda: parquet({"a": np.zeros(50_000)}, row_group_size=1),
    ),
}
