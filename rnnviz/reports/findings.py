"""What stands out in a model at work, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.analysis.symptoms import symptoms
from rnnviz.reports.markup import listed_names, quoted, said
from rnnviz.reports.subject import ReportSubject

# Of an input that moves next to nothing.
_LITTLE = 0.01
_SENTENCE = 600


def findings(subject: ReportSubject, language: str) -> Iterator[str]:
    """Sentences, as HTML: random weights, symptoms of ill health, inputs that are not used."""
    if not subject.found.model.is_trained:
        yield said("untrained", language)
    for symptom in symptoms(subject.found.health):
        yield quoted(symptom.text(language), _SENTENCE)
    told = subject.found.relevance
    unused = [name for name, share in zip(told.names, told.shares, strict=True) if share < _LITTLE]
    if unused and told.kind == "features":
        yield said("report.unused", language, names=listed_names(unused, language))
