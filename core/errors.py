"""The faults of a household: of its settings, its line, a server's protocol, its disk, and of what people typed.

Each is one plain sentence that names the file, key, host or letter, and says what to do.
Each carries the exit status of sysexits.h that the command line returns for it.

Never: an outcome. That a recipient was refused or a number was busy for one try is data, not a fault.
"""

import os


class MailrunError(Exception):
    """Any fault that mailrun knows; ``str()`` is the sentence to show."""

    status: int = os.EX_SOFTWARE


class ConfigError(MailrunError):
    """household.toml cannot be used as it is."""

    status = os.EX_CONFIG


class InputError(MailrunError):
    """What a person or program handed in cannot be taken: a bad address, no recipient, a broken message."""

    status = os.EX_DATAERR


class DeniedError(MailrunError):
    """Not allowed: a wrong password at the provider, a passphrase at home."""

    status = os.EX_NOPERM


class LineError(MailrunError):
    """The line did not come up, or came down by itself; a later try may work."""

    status = os.EX_TEMPFAIL


class NoLineError(LineError):
    """There is no line to try: no such device, no modem that answers, no pppd."""

    status = os.EX_UNAVAILABLE


class PartingError(LineError):
    """A server ended the session by its own word; another one may carry what is left."""


class ProtocolError(MailrunError):
    """A server could not be reached, or did not speak as its RFC says."""

    status = os.EX_UNAVAILABLE


class StoreError(MailrunError):
    """The disk refused: full, read-only, or a file that is not what it should be."""

    status = os.EX_IOERR


class BusyError(StoreError):
    """Somebody else holds the lock: a run, a mailbox, the ledger; try again later."""

    status = os.EX_TEMPFAIL
