"""Every error that mathmine raises on purpose.

    MathmineError
    ├── ConfigError          a key or a value of the run's TOML
    ├── ArgumentError        what a program gave to a function of the front door
    ├── InputError           something that the run was told to read
    │   ├── InputMissing     … is not there
    │   ├── InputMalformed   … is there and cannot be read as what it should be
    │   └── InputEmpty       … was read and holds nothing to go on with
    ├── WorkspaceError       the place where tables live
    │   ├── WorkspaceBusy    … is in use by another run
    │   ├── SchemaMismatch   … holds a table of another schema
    │   └── StorageFull      … or the disk under it has no room left
    ├── FileRefused          a file or folder that the system does not give
    ├── CountsDisagree       a step that cannot account for every row
    ├── TrainingFailed       a classifier that could not be trained
    ├── ModelMismatch        a classifier made for other features than this code's
    ├── SignatureMismatch    MinHash signatures that cannot be compared with others
    ├── TagsNeeded           the loop waits for people's tags
    └── SetupError           this machine lacks something that Python or Spark need

Each says what was found, what was expected and what to do about it. A record
or page that is merely bad is no error: it is set aside, see ``pipeline.base.outcomes``.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence

from pipeline.base.printing import masked, sentence

#: What the system says of a disk without room.
NO_SPACE = os.strerror(errno.ENOSPC)
#: The same, or Python where it has tried each of its folders.
_FULL = (NO_SPACE, os.strerror(errno.EDQUOT), "No usable temporary directory found")


class MathmineError(Exception):
    """Base of all: ``problem`` is a sentence, ``listed`` lines below it; the others may be empty.

    Addresses in it are kept without their passwords and keys, and shown in visible characters.
    """

    #: exit status of a job that ends with this error
    exit_status = 1

    def __init__(
        self, problem: str, *, listed: Sequence[str] = (), expected: str = "", remedy: str = ""
    ) -> None:
        self.problem = masked(problem)
        self.listed = tuple(map(masked, listed))
        self.expected = masked(expected)
        self.remedy = masked(remedy)
        super().__init__(self.problem)

    def __reduce__(self) -> tuple[object, ...]:
        # Exception's own pickling forgets keyword arguments, and errors cross
        # from Spark's workers to the driver.
        return (_rebuild, (type(self), self.problem, self.listed, self.expected, self.remedy))

    def __str__(self) -> str:
        lines = [self.problem, *self.listed]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.remedy:
            lines.append(f"  to do:    {self.remedy}")
        return "\n".join(map(sentence, lines))


def _rebuild(
    kind: type[MathmineError], problem: str, listed: Sequence[str], expected: str, remedy: str
) -> MathmineError:
    return kind(problem, listed=listed, expected=expected, remedy=remedy)


class ConfigError(MathmineError):
    """A key or a value of the run's TOML."""


class ArgumentError(MathmineError, TypeError):
    """What a program gave to a function: of another type than it takes, or no argument of it."""


class InputError(MathmineError):
    """Something that the run was told to read."""


class InputMissing(InputError):
    """It is not there."""


class InputMalformed(InputError):
    """It is there and cannot be read as what it should be."""


class InputEmpty(InputError):
    """It was read and holds nothing to go on with."""


class WorkspaceError(MathmineError):
    """The place where tables live."""


class WorkspaceBusy(WorkspaceError):
    """Another run is at work in it."""


class SchemaMismatch(WorkspaceError):
    """It holds a table of another schema version than this code writes."""


class StorageFull(WorkspaceError):
    """No room is left."""


def storage_full(where: str) -> StorageFull:
    """The error for a write that found no room."""
    return StorageFull(
        f"no space left while writing to {where}",
        remedy="free some space, or name another place (the workspace, SPARK_LOCAL_DIRS, TMPDIR), "
        "and run the same command again: what was committed is kept",
    )


def full_disk(error: Exception) -> StorageFull | None:
    """The error for a disk that is full, whoever tells of it; None for any other error."""
    if any(message in str(error) for message in _FULL):
        return storage_full("the workspace or a folder for temporary files")
    return None


class FileRefused(MathmineError):
    """A file or folder that the system does not give: no permission, a disk that fails."""


#: What may be wrong with a file that is there.
_REFUSED = {
    number: os.strerror(number)
    for number in (
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.EIO,
        errno.EISDIR,
        errno.ENOTDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
    )
}


def refused_file(error: Exception) -> FileRefused | None:
    """The error for a file that the system does not give; None for any other error."""
    if not isinstance(error, OSError) or error.filename is None or error.errno not in _REFUSED:
        return None
    return file_refused(str(error.filename), _REFUSED[error.errno])


def file_refused(place: str, why: str) -> FileRefused:
    """The error for a ``place`` that cannot be read or written, and the system's word for it."""
    return FileRefused(
        f"{place}: {why}",
        remedy="look at who owns it, or name another place; then run the same command again: what "
        "was committed is kept",
    )


class CountsDisagree(MathmineError):
    """Rows in differ from rows kept plus rows set aside."""


class TrainingFailed(MathmineError):
    """No usable classifier came out of training."""


class ModelMismatch(MathmineError):
    """A classifier was made for other features or settings than those at hand."""


class SignatureMismatch(MathmineError):
    """MinHash signatures made by another scheme, or of other pages, than those at hand."""


class TagsNeeded(MathmineError):
    """Not a failure: the loop goes on once people have tagged URL patterns."""

    exit_status = 3


class SetupError(MathmineError):
    """This machine lacks something that Python or Spark need."""
