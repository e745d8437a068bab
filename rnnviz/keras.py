"""`rnnviz.keras.GateHealth`: the health of gates as a callback of Keras 3 on its torch back end."""

from __future__ import annotations

from functools import cache
from typing import Any

from rnnviz.errors import MissingLibraryError
from rnnviz.monitoring.log import Log


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
        """Callback that logs `rnnviz.Log` to `to` in `fit`; updates are batches.

        to, every, layers, rows  as in `rnnviz.Log`.
        """

        def __init__(self, *, to: Any, every: int = 200, **options: Any) -> None:
            super().__init__()
            self._options = {"to": to, "every": every, **options}
            self._log: Log | None = None
            self._number = 0

        def on_train_begin(self, logs: Any = None) -> None:
            self._log, self._number = Log(self.model, **self._options), 0

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if self._log is not None:
                self._log.step(self._number)
                self._number += 1

        def on_train_end(self, logs: Any = None) -> None:
            if self._log is not None:
                self._log.close()
            self._log = None

    return GateHealth
