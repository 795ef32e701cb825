"""Arguments of the front door's functions: wrong ones are told in words, whoever compiled them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pipeline.base.errors import ArgumentError

_Function = TypeVar("_Function", bound=Callable[..., Any])
#: Characters of a wrong argument that are shown.
_SHOWN = 60


@dataclass(frozen=True)
class Takes:
    """What an argument has to be.

    ``kinds`` are classes, or protocols that can be asked for at run time; ``one_of`` the values
    allowed, where only some are. ``expected`` says it in words, ``remedy`` what a caller who has
    something else does.
    """

    kinds: tuple[type, ...]
    expected: str
    remedy: str = ""
    one_of: tuple[object, ...] = ()

    def allows(self, value: object) -> bool:
        """Whether ``value`` is such a one."""
        return isinstance(value, self.kinds) and (not self.one_of or value in self.one_of)


def takes_one_of(*names: str) -> Takes:
    """One of a few names."""
    return Takes((str,), " or ".join(map(repr, names)), one_of=names)


def checked(**takes: Takes) -> Callable[[_Function], _Function]:
    """A decorator: before the function is called, the arguments that are named are looked at.

    The function raises ``ArgumentError``, when it is called, for one of another kind and for one
    that it does not have. A type checker sees the function as it was.
    """

    def decorate(function: _Function) -> _Function:
        names = tuple(inspect.signature(function).parameters)

        @functools.wraps(function)
        def wrapper(*given: Any, **named: Any) -> Any:
            for name, value in zip(names, given, strict=False):
                if name in takes and not takes[name].allows(value):
                    raise _wrong(function.__name__, name, value, takes)
            for name, value in named.items():
                if name not in names:
                    raise ArgumentError(
                        f"{function.__name__} has no argument {name}", expected=", ".join(names)
                    )
                if name in takes and not takes[name].allows(value):
                    raise _wrong(function.__name__, name, value, takes)
            return function(*given, **named)

        return wrapper  # type: ignore[return-value]

    return decorate


def _wrong(function: str, name: str, value: object, takes: Mapping[str, Takes]) -> ArgumentError:
    what = takes[name]
    kind = type(value).__name__
    description = "None" if value is None else f"of type {kind}"
    if what.one_of and isinstance(value, str):
        description = repr(value[:_SHOWN])
    return ArgumentError(
        f"{function}: {name} is {description}", expected=what.expected, remedy=what.remedy
    )
