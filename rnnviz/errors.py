"""Exceptions of rnnviz; each is one sentence in the user's words."""

from __future__ import annotations

from typing import Any


class RnnvizError(ValueError):
    """Base of all errors: a sentence of what was wanted, what came, and what to do.

    `template` is the English sentence with named gaps and `facts` fill them. They are kept
    apart so that the app can translate the sentence.

    >>> str(RnnvizError("Expected {wanted} rows but got {came}.", wanted=3, came=2))
    'Expected 3 rows but got 2.'
    """

    def __init__(self, template: str, **facts: Any) -> None:
        self.template = template
        self.facts = facts
        super().__init__(template.format(**facts))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.template, self.facts)


class AssumptionWarning(UserWarning):
    """Something was taken without evidence that could change a number."""


class HealthWarning(UserWarning):
    """A layer that trains shows a symptom, or its health cannot be told."""


class InputError(RnnvizError):
    """A typed text, an uploaded file or an array cannot be read as a sequence."""


class ModelError(RnnvizError):
    """Weights, sizes or options do not make a model, or do not fit the sequence."""


class MappingNeeded(ModelError):
    """The names of a file's arrays do not tell what they are; `names={…}` does.

    `arrays` are their shapes by name, for a dialog.
    """

    @property
    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Shape of every array of the file, by name."""
        return dict(self.facts["arrays"])


class UnknownTokens(ModelError):
    """A text has tokens that a model's vocabulary does not hold."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every such token, in order of appearance."""
        return tuple(self.facts["tokens"])


class MissingLibraryError(RnnvizError):
    """An optional library is needed and not installed; the sentence gives the install line."""


def _rebuild(kind: type[RnnvizError], template: str, facts: dict[str, Any]) -> RnnvizError:
    return kind(template, **facts)
