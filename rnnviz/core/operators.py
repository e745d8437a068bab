"""Operators that a cell's step may use, for values that are more than arrays.

The tape differentiates them and the record writes them down: both know the same ones.
"""

from __future__ import annotations

from typing import Any


class Operators:
    """Operators of arithmetic and comparison, each an operation by its name.

    >>> class Named(Operators):
    ...     def operation(self, name, *operands):
    ...         return name, operands[1]
    >>> Named() * 2, Named() >= 0
    (('times', 2), ('not_below', 0))
    """

    def operation(self, name: str, *operands: Any) -> Any:
        """Result of an operation on values of this class, arrays and numbers."""
        raise NotImplementedError

    def __neg__(self) -> Any:
        return self.operation("times", -1.0, self)

    def __abs__(self) -> Any:
        return self.operation("abs", self)

    def __add__(self, other: Any) -> Any:
        return self.operation("plus", self, other)

    def __radd__(self, other: Any) -> Any:
        # `sum` begins with 0.
        is_start = isinstance(other, int) and other == 0
        return self if is_start else self.operation("plus", other, self)

    def __sub__(self, other: Any) -> Any:
        return self.operation("minus", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.operation("minus", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.operation("times", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.operation("times", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.operation("over", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.operation("over", other, self)

    def __pow__(self, power: float) -> Any:
        return self.operation("power", self, power)

    def __gt__(self, other: Any) -> Any:
        return self.operation("above", self, other)

    def __ge__(self, other: Any) -> Any:
        return self.operation("not_below", self, other)

    def __lt__(self, other: Any) -> Any:
        return self.operation("below", self, other)

    def __le__(self, other: Any) -> Any:
        return self.operation("not_above", self, other)

    def __eq__(self, other: Any) -> Any:
        return self.operation("equal", self, other)

    __hash__ = None  # type: ignore[assignment]
