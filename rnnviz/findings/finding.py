"""Published finding, and how it is measured again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from rnnviz.findings.measured import FindingResult
from rnnviz.findings.publication import Publication

# Called with the share that is done, 0…1; it may raise to end the work.
TellProgress = Callable[[float], None]
FindingPage = Literal["read", "understand", "compare"]


def tell_nobody(share: float) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class PublishedFinding:
    """A finding of a paper, measured on models trained here.

    Its words are `finding.KEY` (title), `.claim`, `.caveat`, `.limits` (what the limits rest on),
    `.NAME` of every number; where they are known or needed, `.place`, where in the paper it stands,
    and `.opens`, what its page shows of it.

    key            its file's name, and its name in links.
    models         trained here, those it is measured on.
    measure        tells its progress while it works.
    page           of the app that shows each model, with `choices` as the page's address says them.
    is_limit_late  whether a limit was set, or set anew, after first numbers had been seen.
    """

    key: str
    publication: Publication
    models: tuple[str, ...]
    measure: Callable[[TellProgress], FindingResult]
    page: FindingPage = "understand"
    choices: Mapping[str, str] = field(default_factory=dict)
    is_limit_late: bool = False

    def run(self, tell: TellProgress = tell_nobody) -> FindingResult:
        """The finding measured now."""
        tell(0.0)
        found = self.measure(tell)
        tell(1.0)
        return found
