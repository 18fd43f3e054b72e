"""Every exception that the harness raises on purpose.

::

    DpiError
    ├── UsageError            the user's: wrong file, key, value or option         exit code 2
    │   └── TargetError       the configuration and the living target do not fit   exit code 3
    └── HarnessError          ours: the harness or its content is broken           exit code 3
        ├── PackError         a pack's content cannot be loaded
        └── JournalError      the run's evidence cannot be written or read

A product's fault is none of these: it is a ``Finding``, a value.
"""

from dpi_conformance.i18n import Message

__all__ = ["DpiError", "HarnessError", "JournalError", "PackError", "TargetError", "UsageError"]


class DpiError(Exception):
    """Base of all; carries a translatable message and the exit code that it ends a command with."""

    exit_code = 3

    def __init__(self, message: Message | str) -> None:
        """Take the sentence that the user reads."""
        self.message = message if isinstance(message, Message) else Message(text=message)
        super().__init__(str(self.message))


class UsageError(DpiError):
    """The user's to mend: the message names the file, the key, the value, and what to write instead."""

    exit_code = 2


class TargetError(UsageError):
    """The target cannot be judged as it is configured; never a non-conformance."""

    exit_code = 3


class HarnessError(DpiError):
    """Ours to mend."""


class PackError(HarnessError):
    """A pack's specification, requirements, vectors or mock cannot be loaded."""


class JournalError(HarnessError):
    """The evidence cannot be written or read (a full disk, a torn file)."""
