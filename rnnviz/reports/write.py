"""The call that examines a model on data and writes the report."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnviz.analysis.telling_window import WINDOW_STEPS
from rnnviz.core.checks import check_choice, shown
from rnnviz.core.libraries import check_library
from rnnviz.core.writing import check_place, write_whole
from rnnviz.engine.api import sequence_for_model
from rnnviz.errors import RnnvizError
from rnnviz.i18n import LANGUAGES, word
from rnnviz.network.model import Model
from rnnviz.readers.certainty import Certainty
from rnnviz.readers.result import ImportResult
from rnnviz.reports.examination import Examination, StageProgress, examine
from rnnviz.reports.subject import ReportSubject

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rnnviz.core.sequence import Sequence

_SUFFIXES = (".html", ".htm")


def report(
    model: Model | ImportResult | Any,
    sequence: Sequence | ArrayLike | Any,
    path: str | Path,
    *,
    language: str = "en",
    data_name: str = "",
    predicts_next: bool = False,
    window: int = WINDOW_STEPS,
    progress: StageProgress | None = None,
) -> Examination:
    """Report of a model at work on data, one HTML page that opens without a network.

    It tells how sure the reading is, the health of every layer (`rv.health`), how far back the
    memory reaches, which inputs matter, and has the player on the most telling window. Returns the
    numbers on the page.

    model          a Model, what `rv.open_model` gives, whose certainty is told, or a live module of
                   `torch.nn`.
    sequence       as `rv.trace` takes it.
    path           ends in .html; what is there is replaced.
    language       "en" or "zh".
    data_name      of the sequence, for the title.
    predicts_next  True where the outputs are the tokens of the model's vocabulary, of which it
                   predicts the next.
    window         steps of the most telling window, 2 to 400.
    progress       called with a stage, "run", "profile" or "relevance", and the part done, 0…1.

    Raises ModelError and InputError when model and sequence do not fit, RnnvizError for a path that
    cannot be written, and MissingLibraryError without Streamlit, whose components are in the page.

    >>> import os, tempfile
    >>> import rnnviz as rv
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "report.html")
    ...     found = rv.report(rv.random_model("gru", 1, 2), [[0.5], [0.1], [0.3]], path)
    ...     os.path.getsize(path) > 1_000_000
    True
    >>> found.relevance.names
    ('x0',)
    """
    target = check_target(path)
    check_choice("language", language, LANGUAGES)
    opened, fitting, certainty = _opened(model, sequence)
    result = model if isinstance(model, ImportResult) else None
    found = examine(
        opened,
        fitting,
        task=result.task if result is not None else "",
        predicts_next=predicts_next,
        window=window,
        progress=progress,
    )
    subject = ReportSubject(
        found,
        opened.source,
        data_name or word("report.your_data", language),
        certainty,
        result.report if result is not None else (),
        open_questions(result) if result is not None else (),
        made=date.today().isoformat(),
    )
    write_report(subject, target, language)
    return found


def write_report(subject: ReportSubject, target: Path, language: str) -> int:
    """Write a report's page; returns its bytes. Raises RnnvizError where that cannot be."""
    # The page comes with figures, components and Plotly, which nothing else needs.
    from rnnviz.reports.page import report_page

    data = report_page(subject, language).encode("utf-8", "replace")
    write_whole(target, data)
    return len(data)


def check_target(path: str | Path) -> Path:
    """Path of a page that is to be written.

    Raises RnnvizError for another kind of file and where none can be written, MissingLibraryError
    where no page can be made.
    """
    # The page is made of the app's own parts.
    check_library("streamlit")
    target = Path(path)
    if target.suffix.lower() not in _SUFFIXES:
        raise RnnvizError(
            "A report is written to a file ending in {suffixes}, but “{name}” came; rename it.",
            suffixes=", ".join(_SUFFIXES),
            name=shown(target),
        )
    check_place(target)
    return target


def open_questions(result: ImportResult) -> tuple[Any, ...]:
    """Questions of a reading that were not answered."""
    return tuple(one for one in result.questions if one.origin(result.answers) == "default")


def _opened(model: Any, sequence: Any) -> tuple[Model, Sequence, Certainty | None]:
    """The model, the sequence as its layers read it, and how sure that is."""
    if isinstance(model, ImportResult):
        return model.model, sequence_for_model(sequence, model.model), model.certainty
    if isinstance(model, Model):
        return model, sequence_for_model(sequence, model), None
    from rnnviz.engine.live import trace_live
    from rnnviz.readers.torch.live_arguments import Given
    from rnnviz.readers.torch.live_run import run_live

    run = run_live(model, Given(sequence, "", None, (), {}, None))
    return run.model, run.sequence, trace_live(run, stacklevel=3).certainty
