"""What is read from AWS, or why it could not be: what cannot be read is unknown, never taken for "off"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.aws.errors import AwsError

T = TypeVar("T")

#: By what services say that the caller lacks a permission.
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


@dataclass(frozen=True)
class Fact(Generic[T]):
    """Something read from AWS: the value, or why it could not be had. Exactly one of them is set.

    `denied`: it is unknown because the role lacks a permission.
    """

    value: T | None = None
    unknown: str | None = None
    denied: bool = False

    @property
    def known(self) -> bool:
        return self.unknown is None


def ask(read: Callable[[], T]) -> Fact[T]:
    """What `read` returns; for an AwsError its sentence."""
    try:
        return Fact(value=read())
    except AwsError as error:
        return Fact(unknown=str(error), denied=error.code in _DENIED and error.status in (400, 403))
