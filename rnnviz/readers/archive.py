"""ZIP archives, read after a check of their members' names, sizes and kinds.

PKWARE's APPNOTE 6.3: an archive may name a member twice, name one outside its folder, declare less
than it holds and inflate to a thousand times its own size.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError, RnnvizError
from rnnviz.readers.limits import MAX_ARCHIVE_MEMBERS, MAX_INFLATED, MAX_UNPACKED_BYTES, check_file
from rnnviz.readers.result import Source

_DIRECTORY_ENTRY = b"PK\x01\x02"  # APPNOTE 4.3.12, once per member
_ENCRYPTED = 1  # APPNOTE 4.4.4, bit 0
_OUTSIDE = re.compile(r"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:|\0")


class Archive:
    """Checked members of a ZIP archive by name: `name in archive`, `for name in archive`.

    A member is inflated when it is read, never beyond its declared size.
    """

    def __init__(self, source: Source, file: ZipFile) -> None:
        self.source = source
        self._file = file
        self._members = {m.filename: m for m in file.infolist() if not m.is_dir()}

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def size(self, name: str) -> int:
        """Declared bytes of a member, a bound of `read`."""
        return self._members[name].file_size

    def read(self, name: str) -> bytes:
        """Bytes of a member. Raises ModelError for another size or checksum than declared.

        APPNOTE 4.3.7 and 4.4.7.
        """
        member = self._members[name]
        try:
            with self._file.open(member) as stream:
                data = stream.read(member.file_size)
        except MemoryError:
            raise
        except Exception as error:
            # zipfile lets struct's, zlib's and its own errors out.
            raise _damaged(self.source) from error
        if len(data) != member.file_size:
            raise _damaged(self.source)
        return data


def open_archive(source: Source) -> Archive:
    """Archive with its directory checked and no member inflated.

    Raises ModelError for a damaged or encrypted archive, too many or too large members, repeated
    names, names outside the archive, and links.

    >>> stream = BytesIO()
    >>> with ZipFile(stream, "w") as file:
    ...     file.writestr("data/0", b"1234")
    >>> archive = open_archive(Source("model.pt", stream.getvalue()))
    >>> archive.size("data/0"), archive.read("data/0")
    (4, b'1234')
    """
    check_file(source)
    # Before the directory is read, which costs a kilobyte of memory per member.
    _check_count(source, source.data.count(_DIRECTORY_ENTRY))
    try:
        file = ZipFile(BytesIO(source.data))
        _check_sizes(source, file.infolist())
        _check_names(source, file.infolist())
        return Archive(source, file)
    except (RnnvizError, MemoryError):
        raise
    except Exception as error:
        # A damaged directory raises whatever its numbers lead zipfile to.
        raise _damaged(source) from error


def _check_count(source: Source, count: int) -> None:
    if count > MAX_ARCHIVE_MEMBERS:
        raise ModelError(
            "An archive may have {bound} members, but “{name}” has {came}; save the model's"
            " weights alone.",
            bound=MAX_ARCHIVE_MEMBERS,
            name=shown(source.name),
            came=count,
        )


def _check_sizes(source: Source, members: list[ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    inflated = sum(m.file_size for m in members if m.compress_type != ZIP_STORED)
    # Overlapping members inflate the same bytes again and again.
    is_overlapping = sum(member.compress_size for member in members) > len(source.data)
    if unpacked > MAX_UNPACKED_BYTES or inflated > MAX_INFLATED or is_overlapping:
        raise ModelError(
            "An archive may unpack to {bound} bytes, {inflated_bound} of them compressed, but"
            " “{name}” of {size} bytes says {came}; save the weights alone and uncompressed.",
            bound=MAX_UNPACKED_BYTES,
            inflated_bound=MAX_INFLATED,
            name=shown(source.name),
            size=len(source.data),
            came=unpacked,
        )


def _check_names(source: Source, members: list[ZipInfo]) -> None:
    seen: set[str] = set()
    for member in members:
        if member.filename in seen or not _is_plain(member):
            raise ModelError(
                "Every member of “{name}” should be a plain file with a name of its own inside the"
                " archive, but “{member}” comes twice, points elsewhere, is a link or is encrypted;"
                " save the model again.",
                name=shown(source.name),
                member=shown(member.orig_filename),
            )
        seen.add(member.filename)


def _is_plain(member: ZipInfo) -> bool:
    return (
        not _OUTSIDE.search(member.orig_filename)
        and not stat.S_ISLNK(member.external_attr >> 16)
        and not member.flag_bits & _ENCRYPTED
        and member.compress_type in (ZIP_STORED, ZIP_DEFLATED)
    )


def _damaged(source: Source) -> ModelError:
    return ModelError(
        "“{name}” should be a complete ZIP archive, but it is damaged or cut off; copy or save it"
        " again.",
        name=shown(source.name),
    )
