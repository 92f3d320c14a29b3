from core.mail.spelling import Word, answer, question, words

HUNSPELL = """@(#) International Ispell Version 3.2.06 (but really Hunspell 1.7.1)
& helo 15 0: hole, help, helot, hello, halo, hero, he lo
# xqzzy 0
? guess 1 0: guest
*
& don't 1 0: donut
"""


def test_only_words_of_a_language_that_the_member_wrote_are_looked_at() -> None:
    """No quotes, no signature, no addresses, no numbers."""
    text = "It's naïve, helo\n> quted\nsee https://x.example/helo or a@b.example, room 14b\n-- \nPaull"
    found = [*words(text)]

    assert [word.text for word in found] == ["It's", "naïve", "helo", "see", "or", "room"]
    assert found[2] == Word("helo", 0, 12)


def test_a_question_holds_no_commands() -> None:
    """Each word is marked as text; a curly apostrophe is asked about as a straight one."""
    assert question(["helo", "don\N{RIGHT SINGLE QUOTATION MARK}t"]) == "!\n^helo\n^don't\n"


def test_an_answer_names_unknown_words_with_a_few_suggestions() -> None:
    """What the checker knows is not named; a word without suggestions has none."""
    assert answer(HUNSPELL) == {
        "helo": ("hole", "help", "helot", "hello", "halo", "hero"),
        "xqzzy": (),
        "guess": ("guest",),
        "don't": ("donut",),
    }
