"""`rnnviz.lightning.GateHealth`: the health of gates as a callback of Lightning's Trainer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from rnnviz.errors import MissingLibraryError
from rnnviz.monitoring.destinations import destination
from rnnviz.monitoring.log import Log, checked_options


def __getattr__(name: str) -> Any:
    if name == "GateHealth":
        return _gate_health()
    raise AttributeError(f"module 'rnnviz.lightning' has no attribute {name!r}")


def _callback() -> Any:
    try:
        from lightning.pytorch import Callback
    except ImportError:
        try:
            from pytorch_lightning import Callback
        except ImportError as error:
            raise MissingLibraryError(
                "This needs {package}, which is not installed; run `pip install {package}`.",
                package="pytorch-lightning",
            ) from error
    return Callback


@cache
def _gate_health() -> Any:
    class GateHealth(_callback()):  # type: ignore[misc]
        """Callback that keeps an `rnnviz.Log`, written to the trainer's loggers or to `to`.

        every, to, layers, rows  as in `rnnviz.Log`; updates are the trainer's global steps.

        Raises InputError for an option with a value that it cannot have, and when the training
        starts as `rnnviz.Log` does.
        """

        def __init__(
            self,
            *,
            every: int = 200,
            to: Any = None,
            layers: Iterable[str] | None = None,
            rows: int | Iterable[int] | None = range(8),
        ) -> None:
            super().__init__()
            self._to, self._options = to, checked_options(every, layers, rows)
            if to is not None:
                destination(to)
            self._log: Log | None = None
            self._number = -1

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            def to_loggers(numbers: Any, step: int) -> None:
                for logger in trainer.loggers:
                    logger.log_metrics(dict(numbers), step=step)

            to = to_loggers if self._to is None else self._to
            self._log, self._number = Log(pl_module, to=to, **self._options), -1

        def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
            # Gradients may be accumulated over several batches.
            if self._log is not None and trainer.global_step != self._number:
                self._number = trainer.global_step
                self._log.step(self._number)

        def on_train_end(self, *_: Any) -> None:
            self._close()

        def on_exception(self, *_: Any) -> None:
            self._close()

        def _close(self) -> None:
            if self._log is not None:
                self._log.close()
            self._log = None

    return GateHealth
