"""Published findings by key, in the order of the years; each is a file of `findings/content`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from rnnviz.core.checks import is_one_of, shown
from rnnviz.errors import InputError
from rnnviz.findings import content
from rnnviz.findings.finding import PublishedFinding, TellProgress, tell_nobody
from rnnviz.findings.measured import FindingResult


def _read_findings() -> Mapping[str, PublishedFinding]:
    names = [module.name for module in iter_modules(content.__path__)]
    every = (import_module(f"{content.__name__}.{name}") for name in names)
    found: list[PublishedFinding] = [file.FINDING for file in every if hasattr(file, "FINDING")]
    found.sort(key=lambda one: (one.publication.year, one.key))
    return MappingProxyType({one.key: one for one in found})


FINDINGS: Mapping[str, PublishedFinding] = _read_findings()


def reproduce(key: str, tell: TellProgress = tell_nobody) -> FindingResult:
    """A published finding, measured now on the models trained here.

    tell  is called with the share that is done, 0…1.

    Raises InputError for a key that no finding has.

    >>> import rnnviz as rv
    >>> rv.findings.reproduce("adding_problem").holds
    True
    """
    if not is_one_of(key, FINDINGS):
        raise InputError(
            "There is no finding “{came}”; the findings are {known}.",
            came=shown(key),
            known=", ".join(FINDINGS),
        )
    return FINDINGS[key].run(tell)
