import pytest

from core.config import Config
from core.mail.compose import Attachment, Draft
from core.mail.doubts import doubts, faults, forgotten

WHOLE = Draft("paul", to="luc", subject="Hello", text="One line.")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("luc, Shop@home.example, paul+x@home.example, root, zoe@linuxpc, x@far.example, crew", []),
        ("paul.d@old-provider.example, other@old-provider.example, Crew", []),
        ("lucc", ['Nobody in this house is called "lucc" (did you mean luc?).']),
        ("luc, crw", ['Nobody in this house is called "crw" (did you mean crew?).']),
        ("marta@home.example", ['Nobody in this house is called "marta".']),
        ("marta@linuxpc", ['Nobody in this house is called "marta".']),
        ("a b", ['"a b" is no address: write NAME@DOMAIN, and a comma between two']),
        ("", []),
    ],
)
def test_a_wrong_address_is_told_in_a_sentence(config: Config, text: str, sentences: list[str]) -> None:
    """Members, aliases, nicknames and the world are known; what is none of them is told, with the nearest name."""
    assert faults(text, config, {"crew"}) == sentences


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The picture is attached.", "attached"),
        ("See the two Attachments", "Attachments"),
        ("Anbei das Bild.", "Anbei"),
        ("Das Bild ist im Anhang", "im Anhang"),
        ("Vous trouverez ci-joint la photo", "ci-joint"),
        ("la pièce jointe", "pièce jointe"),
        ("te lo adjunto", "adjunto"),
        ("In allegato la foto", "In allegato"),
        ("zie bijlage", "bijlage"),
        ("zdjęcie w załączniku", "w załączniku"),
        ("I am detached from this", ""),
        ("Der Anhänger ist voll", ""),
        ("> It is attached.\nThank you.", ""),
        ("Bye\n-- \nNo attachments please", ""),
        ("Look\n\n-------- Forwarded letter --------\nIt is attached.", ""),
    ],
)
def test_a_forgotten_file_is_noticed(text: str, word: str) -> None:
    """The word is found in many languages, in what the person wrote, and nowhere else."""
    assert forgotten(text) == word


def test_doubts_are_asked_about_before_a_letter_goes(config: Config) -> None:
    """A stranger at the house's own domain, no subject, a forgotten file; nothing of a letter that is whole."""
    assert doubts(WHOLE, config) == []
    assert doubts(Draft("paul", to="x@home.example", text="It is attached."), config) == [
        'Nobody in this house is called "x".',
        "The letter has no subject.",
        "You wrote “attached”, but nothing is attached.",
    ]
    file = Attachment("a.bin", "x/y", b"\0")
    assert doubts(Draft("paul", to="luc", subject="Hello", text="attached", attachments=(file,)), config) == []
