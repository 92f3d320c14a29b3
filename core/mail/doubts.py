"""What a person should look at before a letter goes: wrong addresses, a missing subject, a file that was forgotten.

Never: whether a letter is taken (``core.submit`` decides); a question asked.
"""

import re
from collections.abc import Collection, Iterator

from core.config import Config
from core.errors import InputError
from core.mail.addresses import Mailbox, domain, typed, written
from core.mail.clean import safe
from core.mail.draft import Draft
from core.mail.names import STANDARD, fold, names, who
from core.toml import nearest

# "Attached" in the languages of the neighbourhood, as it stands in letters with a file.
_ATTACHED = re.compile(
    r"""\b(attach(?:ed|ment|ments|ing)?|enclos(?:ed|ure|ing)|i\ attach|see\ the\ file
    |angehängt\w*|anhang|anhänge|anbei|beigefügt\w*|beiliegend\w*|im\ anhang
    |ci-joint\w*|pièces?[ -]jointes?|en\ annexe|en\ pièce\ jointe
    |adjunt[oa]s?|adjuntamos|allegat[oaie]|in\ allegato|em\ anexo|anexo|anexad[oa]s?
    |bijlagen?|bijgevoegd\w*|vedlagt\w*|vedlegg\w*|bifogad\w*|bifogar|bilaga|bilagor|liitteenä|liite
    |w\ załączniku|w\ załączeniu|załącznik\w*|v\ příloze|příloh\w*|melléklet\w*|mellékelve|ataşat\w*
    |во\ вложении|прилага\w*|приложен\w*)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_FORWARDED = "-------- Forwarded letter --------"


def doubts(draft: Draft, config: Config) -> list[str]:
    """What may be a mistake in a letter that could be sent, each in a sentence."""
    boxes = (found for text in (draft.to, draft.cc, draft.bcc) for _, found in written(text) if found)
    found = [_unheard(box.address, config) for box in boxes if _is_stranger(box.address, config)]
    if not draft.subject.strip():
        found.append("The letter has no subject.")
    if not draft.attachments and (word := forgotten(draft.text)):
        found.append(f"You wrote “{word}”, but nothing is attached.")
    return found


def forgotten(text: str) -> str:
    """The word by which a letter says that something is attached; empty where it says no such thing itself."""
    own = (line for line in _own(text) if not line.startswith(">"))
    found = _ATTACHED.search("\n".join(own))
    return " ".join(found[0].split()) if found else ""


def _own(text: str) -> Iterator[str]:
    """The lines above the signature and above a letter that is passed on."""
    for line in text.split("\n"):
        if line in ("-- ", _FORWARDED):
            return
        yield line


def faults(text: str, config: Config, nicknames: Collection[str]) -> list[str]:
    """What is wrong with the addresses in a field as far as it is typed, each in a sentence."""
    return list(filter(None, (_fault(entry, found, config, nicknames) for entry, found in written(text))))


def _fault(entry: str, found: Mailbox | None, config: Config, nicknames: Collection[str]) -> str:
    try:
        typed(entry)
    except InputError as error:
        return str(error)
    assert found is not None  # else it would be no address
    house = names(config)
    nobody = who(found.address, house) not in {"", *house.members, *house.aliases, *STANDARD, *nicknames}
    return _unheard(found.address, config, nicknames) if nobody or _is_stranger(found.address, config) else ""


def _is_stranger(address: str, config: Config) -> bool:
    """Whether an address at the house's public domain is nobody's: it would go out, and come back to the postmaster."""
    house = names(config)
    return domain(address) == house.domain and not who(address, house)


def _unheard(address: str, config: Config, nicknames: Collection[str] = ()) -> str:
    name = address.rpartition("@")[0] or address
    known = dict.fromkeys((*config.members, *config.aliases, *nicknames))
    return f'Nobody in this house is called "{safe(name)}"{nearest(fold(name), known)}.'
