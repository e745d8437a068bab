"""`rnnviz.keras.GateHealth`: the health of gates as a callback of Keras 3 on its torch back end."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from weakref import finalize

from rnnviz.errors import MissingLibraryError
from rnnviz.monitoring.destinations import destination
from rnnviz.monitoring.log import Log, checked_options


def __getattr__(name: str) -> Any:
    if name == "GateHealth":
        return _gate_health()
    raise AttributeError(f"module 'rnnviz.keras' has no attribute {name!r}")


@cache
def _gate_health() -> Any:
    try:
        import keras
    except ImportError as error:
        raise MissingLibraryError(
            "This needs {package}, which is not installed; run `pip install {package}`.",
            package="keras",
        ) from error

    class GateHealth(keras.callbacks.Callback):  # type: ignore[misc]
        """Callback that keeps an `rnnviz.Log` while `fit` trains; updates are batches.

        to, every, layers, rows  as in `rnnviz.Log`.

        Keras tells a callback nothing of a `fit` that an error ends: then `close()` leaves the
        model, as the next `fit` and the callback's own end do.

        Raises InputError for an option with a value that it cannot have, and when the training
        starts as `rnnviz.Log` does.
        """

        def __init__(
            self,
            *,
            to: Any,
            every: int = 200,
            layers: Iterable[str] | None = None,
            rows: int | Iterable[int] | None = range(8),
        ) -> None:
            super().__init__()
            destination(to)
            self._options = {"to": to, **checked_options(every, layers, rows)}
            self._log: Log | None = None
            self._number = 0

        def on_train_begin(self, logs: Any = None) -> None:
            self.close()
            self._log, self._number = Log(self.model, **self._options), 0
            self._leave = finalize(self, self._log.close)
            self._leave.atexit = False

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if self._log is not None:
                self._log.step(self._number)
                self._number += 1

        def on_train_end(self, logs: Any = None) -> None:
            self.close()

        def close(self) -> None:
            """Log what is kept, and leave the model."""
            if self._log is not None:
                self._leave()
            self._log = None

    return GateHealth
