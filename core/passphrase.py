"""A member's passphrase: its hash for household.toml, and the check against it (scrypt, RFC 7914).

Never: the passphrase itself kept, logged or shown.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

_COST, _BLOCK, _PARALLEL = 2**14, 8, 1  # 16 MB and some 50 ms: slow for a guesser, quick at the kitchen table
_MOST = 2**17  # a hash that asks for more work than this is no hash of ours


def hash(text: str) -> str:  # noqa: A001 - the field's word; nothing here needs the builtin
    """The hash to keep: ``scrypt$n$r$p$salt$digest`` with salt and digest in base64."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(text, salt, _COST, _BLOCK, _PARALLEL)
    return "$".join(["scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), _text(salt), _text(digest)])


def verify(text: str, hashed: str) -> bool:
    """Whether ``hashed`` was made of this passphrase; a hash that is none of ours fits nothing."""
    try:
        kind, cost, block, parallel, salt, digest = hashed.split("$")
        numbers = int(cost), int(block), int(parallel)
        wanted = base64.b64decode(digest, validate=True)
        if kind != "scrypt" or not wanted or max(numbers) > _MOST or numbers[1] * numbers[2] > 64:
            return False
        return hmac.compare_digest(wanted, _scrypt(text, base64.b64decode(salt, validate=True), *numbers))
    except (ValueError, binascii.Error):
        return False


def _scrypt(text: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    memory = 128 * block * (cost + parallel + 2)
    return hashlib.scrypt(text.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
