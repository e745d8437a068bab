"""A model file as the app opens it: read, and compared with its framework's run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rnnviz.engine.parity import with_parity
from rnnviz.readers.read import read_result
from rnnviz.readers.result import Answers, ImportResult


def open_model(
    path: str | Path,
    answers: Answers | None = None,
    part: str | None = None,
    names: Mapping[str, str] | None = None,
    *,
    bounded: bool | None = None,
) -> ImportResult:
    """A model file as the app opens it: the model, what was found, asked, left out, and how sure.

    answers  to the result's questions, `{"activation": "relu"}`; what is not answered is taken as
             is likely.
    part     which recurrent stack, by its name, where the file holds several; the first by default.
    names    what arrays are whose names do not tell, {"W_f": "forget.x"}; see `read_model`.
    bounded  True to read and run it in a process of its own with limits on time and memory, False
             to do so here, None for the first where the file is large, packed or run as it is.

    `result.certainty` says whether the file's own run proves the reading, whether only its
    arithmetic was checked, or what was assumed; where the framework is installed it is run.

    Raises ModelError for a file that is missing or cannot be read as a model, for an unknown part
    and for an answer that is no option; MissingLibraryError when its format needs a library that
    is not installed.

    >>> import numpy as np, os, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "model.npz")
    >>> np.savez(path, weight_ih_l0=np.ones((5, 4)), weight_hh_l0=np.ones((5, 5)))
    >>> result = open_model(path, {"activation": "relu"})
    >>> [question.options for question in result.questions]
    [('tanh', 'relu')]
    >>> print(str(result).splitlines()[1])
    Network type    rnn      from the shapes
    >>> result.certainty.grade
    'checked'
    >>> folder.cleanup()
    """
    return with_parity(read_result(path, answers, part, names, bounded), bounded)
