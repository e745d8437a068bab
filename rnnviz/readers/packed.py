"""A model file inside another: in a ZIP archive, in a tar archive, or compressed by gzip."""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import PurePath

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError, RnnvizError
from rnnviz.readers.archive import open_archive
from rnnviz.readers.formats import MODEL_SUFFIXES, OTHER_SUFFIXES
from rnnviz.readers.limits import MAX_ARCHIVE_MEMBERS, MAX_INFLATED
from rnnviz.readers.result import Source
from rnnviz.readers.shards import is_shard
from rnnviz.readers.vocabulary import is_vocabulary_name

_INDEX = ".index.json"
_MORE_SUFFIXES = (*MODEL_SUFFIXES, *OTHER_SUFFIXES)
# Beside the weights in a folder of Hugging Face's Trainer and in an archive of Stable Baselines.
_TRAINING = re.compile(r"optim|sched|rng_state|scaler|training_args|pytorch_variables")
_MAX_BESIDE = 50_000_000  # bytes of a vocabulary or the like
# Members of a checkpoint of PyTorch before 0.1.10.
_OLD_TORCH = {"sys_info", "pickle", "storages", "tensors"}
Members = Mapping[str, tuple[int, Callable[[], bytes]]]


def unpacked_file(kind: str, source: Source) -> Source:
    """The one model file inside, with what lies beside it there.

    Raises ModelError for a damaged archive, and where none or several files may be the model.
    """
    if kind == "gzip":
        name = source.name.removesuffix(".gz").removesuffix(".tgz")
        return replace(source, name=name, data=_inflated(source))
    if kind == "zip":
        archive = open_archive(source)
        return _chosen(
            source,
            {name: (archive.size(name), partial(archive.read, name)) for name in archive},
        )
    try:
        with tarfile.open(fileobj=BytesIO(source.data), mode="r:") as tar:
            return _chosen(source, _tar_members(source, tar))
    except (RnnvizError, MemoryError):
        raise
    except Exception as error:
        # A damaged header raises whatever its numbers lead tarfile to.
        raise _damaged(source) from error


def _inflated(source: Source) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    try:
        data = stream.decompress(source.data, MAX_INFLATED + 1)
    except zlib.error as error:
        raise _damaged(source) from error
    if len(data) > MAX_INFLATED:
        raise ModelError(
            "A compressed file may unpack to {bound} bytes, but “{name}” is larger; unpack it and"
            " open what is inside.",
            bound=MAX_INFLATED,
            name=shown(source.name),
        )
    if not stream.eof:
        raise _damaged(source)
    return data


def _tar_members(source: Source, tar: tarfile.TarFile) -> Members:
    members: dict[str, tuple[int, Callable[[], bytes]]] = {}
    for count, member in enumerate(tar):
        if count > MAX_ARCHIVE_MEMBERS or member.size > len(source.data):
            raise _damaged(source)
        if member.isreg() and not member.issparse():
            members[member.name] = member.size, partial(_content, tar, member)
    return members


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(member)
    return stream.read(member.size) if stream is not None else b""


def _chosen(source: Source, members: Members) -> Source:
    """The archive's one model file, or one of its shards, with the other members beside it."""
    paths = {path: PurePath(path) for path in members if not _is_hidden(PurePath(path))}
    if {path.name for path in paths.values()} >= _OLD_TORCH:
        raise ModelError(
            "“{name}” should be written by PyTorch 0.1.10 or later, but it is older; save it again"
            ' with torch.save(torch.load("{name}", weights_only=False), "weights.pt").',
            name=shown(source.name, 200),
        )
    models = [path for path, pure in paths.items() if _is_model(pure)]
    index = [path for path in paths if path.endswith(_INDEX)]
    if index or (models and all(is_shard(paths[path].name) for path in models)):
        models = (index or models)[:1]
    if len(models) != 1:
        raise ModelError(
            "“{name}” should hold one model file, but it holds {came}; unpack it and open one.",
            name=shown(source.name),
            came=shown(", ".join(f"“{path}”" for path in models or paths), 200) or "none",
        )
    folder = paths[models[0]].parent
    beside = {
        pure.name: members[path][1]()
        for path, pure in paths.items()
        if pure.is_relative_to(folder) and path != models[0] and _belongs(pure, members[path][0])
    }
    return replace(source, name=paths[models[0]].name, data=members[models[0]][1](), beside=beside)


def _is_model(path: PurePath) -> bool:
    """True for a model file that is not what a training needs to go on, nor a vocabulary."""
    is_other = _TRAINING.search(path.stem) or is_vocabulary_name(path.stem)
    return path.suffix.lower() in _MORE_SUFFIXES and not is_other


def _belongs(path: PurePath, size: int) -> bool:
    """True for a shard, and for a file small enough to be a vocabulary."""
    return is_shard(path.name) or size <= _MAX_BESIDE


def _is_hidden(path: PurePath) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _damaged(source: Source) -> ModelError:
    return ModelError(
        "“{name}” should be a complete archive, but it is damaged or cut off; copy or save it"
        " again.",
        name=shown(source.name),
    )
