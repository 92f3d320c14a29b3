"""Signed and encrypted letters: PGP (RFC 3156, 9580) and S/MIME (RFC 8551), recognised, and said in a sentence.

Never: checking a signature, opening what is encrypted, or letting it seem as if that had been done.
"""

import re

from core.mail.parts import Entity

_CHECKS = "mailrun does not check signatures"
_OPENS = "mailrun cannot open it. Save it and give it to"
_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SMIME_SIGNED = ("application/pkcs7-signature", "application/x-pkcs7-signature")
_INLINE = re.compile(r"^-----BEGIN PGP (SIGNED MESSAGE|MESSAGE|PUBLIC KEY BLOCK|PRIVATE KEY BLOCK)", re.MULTILINE)
_SAID = {
    "SIGNED MESSAGE": f"Signed with PGP; {_CHECKS}.",
    "MESSAGE": f"Encrypted with PGP; {_OPENS} gpg.",
    "PUBLIC KEY BLOCK": "Holds a public PGP key; mailrun does not import keys.",
    "PRIVATE KEY BLOCK": "Holds a PRIVATE PGP key, which nobody should send.",
}


def sentence(entity: Entity) -> str:
    """What a part of the letter is, if it is signed or encrypted; else empty."""
    protocol = entity.parameter("protocol")
    if entity.kind == "multipart/signed":
        how = "S/MIME" if protocol in _SMIME_SIGNED else "PGP" if "pgp" in protocol else "something unknown"
        return f"Signed with {how}; {_CHECKS}."
    if entity.kind == "multipart/encrypted":
        return f"Encrypted with PGP; {_OPENS} gpg." if "pgp" in protocol else "Encrypted; mailrun cannot open it."
    if entity.kind in _SMIME:
        return _smime(entity.parameter("smime-type"))
    return ""


def _smime(kind: str) -> str:
    """A letter that is one piece of S/MIME."""
    if kind == "signed-data":
        return "Signed with S/MIME, with the letter inside the signature; mailrun cannot open it."
    if kind == "certs-only":
        return "Holds S/MIME certificates; mailrun does not import them."
    return f"Encrypted with S/MIME; {_OPENS} openssl or another mail program."


def inline(text: str) -> str:
    """The same of a text that is signed or encrypted as text."""
    found = _INLINE.search(text)
    return _SAID[found[1]] if found else ""
