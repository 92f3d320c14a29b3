import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.mail.blocks import Link, Note, Text
from core.mail.lines import written
from core.mail.text import (
    BAD,
    LONGEST,
    Part,
    attachments,
    blocks,
    content,
    enclosed,
    forms,
    quotable,
    readable,
    safe,
    safe_lines,
    source,
)

ANY = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Grüße, 你好, 👩‍👧", "Grüße, 你好, 👩‍👧"),
        ("\x1b]2;title\x07", "�]2;title�"),
        ("\x1b[2J", "�[2J"),
        ("a\x9b2Jb\x9d52;c\x9c", "a�2Jb�52;c�"),
        ("a\x00b\x7fc\x08", "a�b�c�"),
        ("invoice\u202efdp.exe", "invoice�fdp.exe"),
        ("\u2066a\u2069\u200eb\u200f\u061c", "�a��b��"),
        ("a\u2028b\u2029c\x85d", "a�b�c�d"),
        ("half \udce9 character", "half � character"),
        ("two\r\n lines\tand a tab\n", "two lines and a tab"),
        ("[/nope] [red]x[/red]", "[/nope] [red]x[/red]"),
        ("", ""),
        ("\n\t\r", ""),
    ],
)
def test_safe(text: str, shown: str) -> None:
    """One line comes out, without what a terminal would obey."""
    assert safe(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\tb\n\tc", "a       b\n        c"),
        ("\x1b[31mred\x0c\n\u202eab", "�[31mred�\n�ab"),
        ("keeps  spaces \n\n", "keeps  spaces \n\n"),
    ],
)
def test_safe_lines(text: str, shown: str) -> None:
    """Lines are kept, tabs are spaces, and nothing is left that a terminal would obey."""
    assert safe_lines(text) == shown


@given(ANY)
def test_nothing_bad_is_left(text: str) -> None:
    """Whatever goes in, no character of the bad class comes out, but for the line ends of lines."""
    assert not BAD.search(safe(text))
    assert not BAD.search(safe_lines(text).replace("\n", ""))


@given(ANY)
def test_safe_twice_is_safe_once(text: str) -> None:
    """What has been made safe is not changed again."""
    assert safe(safe(text)) == safe(text)
    assert safe_lines(safe_lines(text)) == safe_lines(text)


def mime(kind: str, body: str, *more: str) -> bytes:
    """A letter, or a part of one, with a Content-Type."""
    return ("".join(f"{line}\n" for line in (f"Content-Type: {kind}", *more)) + f"\n{body}").encode()


def multipart(kind: str, *parts: bytes, boundary: str = "=_b") -> bytes:
    """Parts between boundaries."""
    mark = f"--{boundary}".encode()
    inner = b"".join(mark + b"\n" + part + b"\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\nprologue\n'.encode() + inner + mark + b"--\nend\n"


PLAIN = mime("text/plain", "Plain words.")
HTML = mime("text/html", "<p>Rich <b>words</b>.</p>")
PICTURE = mime("image/png", "iVBORw0KGgo=", "Content-Transfer-Encoding: base64", "Content-ID: <a@b>")
REPORT = mime(
    "application/pdf; name=x.pdf",
    "JVBERi0x",
    "Content-Transfer-Encoding: base64",
    'Content-Disposition: attachment; filename="Our report.pdf"',
)
INNER = (
    b"From: Ann <ann@far.example>\nTo: luc@home.example\nX-Odd: x\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nInner words."
)

SHOWN = """\
│ Enclosed letter
│ From     Ann <ann@far.example>
│ To       luc@home.example
│ Subject  Grüße
│
│ Inner words."""
REPORTED = "│ Delivery report\n│ a@b.example  did not get it (5.0.0)\n\n│ Head of a letter\n│ Subject  Hello"
DOUBT = "    says bank.example, leads to evil.example"
LETTER = "Attached:\n[1] Grüße.eml   letter, 108 bytes"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (b"Subject: x\n\nNo MIME at all.\n", "No MIME at all."),
        (b"", ""),
        (b"\n\n\n", ""),
        (b"From: x\n", ""),
        (
            mime("text/plain; charset=iso-8859-1", "caf=E9 =\nau lait", "Content-Transfer-Encoding: quoted-printable"),
            "café au lait",
        ),
        (mime("text/plain; charset=utf-8", "R3LDvMOfZQ==", "Content-Transfer-Encoding: BASE64"), "Grüße"),
        (mime("text/plain; charset=utf-8", "R3LDvM\n!OfZQ", "Content-Transfer-Encoding: base64"), "Grüße"),
        (mime("text/plain; charset=utf-8", "QQ==QUJD", "Content-Transfer-Encoding: base64"), "AABC"),
        (mime("text/plain; charset=x-nonsense", "Grüße"), "Grüße"),
        (mime("text/plain; charset=rot13", "Grüße"), "Grüße"),
        (mime('text/plain; charset="utf-8\0"', "Grüße"), "Grüße"),
        (mime("text/plain; charset=us-ascii", "Grüße"), "Grüße"),
        (b"Content-Type: text/plain; charset=iso-8859-1\n\n\x80 5 \x93quoted\x94", "€ 5 “quoted”"),
        (b"\nraw caf\xe9", "raw café"),
        (b"Content-Type: text/plain; charset=utf-8\n\nfa\xc3\xa7on \xff cass\xc3\xa9e", "façon � cassée"),
        (mime("text/plain", "Grüße", "Content-Transfer-Encoding: x-nonsense"), "Grüße"),
        (mime("text/plain", "begin 644 x\n%2&5L;&\\ \n \nend", "Content-Transfer-Encoding: x-uuencode"), "Hello"),
        (mime("nonsense", "Words."), "Words."),
        (
            mime("text/plain; format=flowed", "One \nline.\n\n> Quoted \n> too.\n>> deeper\n-- \nMe"),
            "One line.\n\n> Quoted too.\n> > deeper\n-- \nMe",
        ),
        (mime("text/plain; format=flowed; delsp=yes", "Wor \nds.\n From stuffed"), "Words.\nFrom stuffed"),
        (mime("text/plain", "One \nline."), "One \nline."),
        (mime("text/x-patch", "--- a\n+++ b"), "--- a\n+++ b"),
        (multipart("alternative", PLAIN, HTML), "Plain words."),
        (multipart("alternative", HTML, PLAIN), "Plain words."),
        (multipart("alternative", mime("text/plain", " \n"), HTML), "Rich words."),
        (multipart("alternative", mime("text/calendar", "BEGIN"), HTML), "Rich words."),
        (multipart("related", HTML, PICTURE), "Rich words.\n\nAttached:\n[1] part-2.png   PNG picture, 8 bytes"),
        (multipart("mixed", PLAIN, REPORT), "Plain words.\n\nAttached:\n[1] Our report.pdf   PDF document, 6 bytes"),
        (
            multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="=_b2"), PLAIN),
            "Plain words.\n\nPlain words.",
        ),
        (multipart("mixed", b"\nNo header."), "No header."),
        (multipart("mixed", b"No empty line."), "No empty line."),
        (multipart("mixed", PLAIN).replace(b"--=_b--", b""), "Plain words.\n\nend"),
        (mime("multipart/mixed; boundary=x", "There is no boundary."), "There is no boundary."),
        (mime("multipart/mixed", "--x\n\nNor a name for one."), "--x\n\nNor a name for one."),
        (multipart("mixed", PLAIN).replace(b"\n", b"\r\n"), "Plain words."),
        (
            multipart("mixed", PLAIN, b"Content-Type: message/rfc822\n\n" + INNER),
            f"Plain words.\n\n{SHOWN}\n\n{LETTER}",
        ),
        (
            multipart("digest", b"\n" + INNER),
            f"{SHOWN}\n\n{LETTER}",
        ),
        (
            multipart(
                "report; report-type=delivery-status",
                mime("text/plain", "Sorry."),
                mime(
                    "message/delivery-status",
                    "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822;a@b.example\nAction: failed",
                ),
                mime("text/rfc822-headers", "X-Odd: x\nSubject: Hello"),
            ),
            f"Sorry.\n\n{REPORTED}",
        ),
        (mime("text/calendar", "BEGIN:VCALENDAR\nVERSION:2.0"), "BEGIN:VCALENDAR\nVERSION:2.0"),
        (mime("text/calendar", "BEGIN:VEVENT\nSUMMARY:Dinner"), "│ Appointment: Dinner"),
        (mime("text/vcard", "BEGIN:VCARD\nFN:Rose\nTEL:1"), "│ Visiting card: Rose\n│ Telephone  1"),
        (b"Content-Type: text/plain\n\n\x1b]52;c;aGk=\x07 \xe2\x80\xae \t|", "�]52;c;aGk=� �  |"),
    ],
)
def test_readable(message: bytes, shown: str) -> None:
    """A letter is shown as the text that it means."""
    assert readable(message) == shown


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>One</p><p>Two<br>Three", "One\n\nTwo\nThree"),
        ("a  b\n c&nbsp;d &lt;e&gt; &#8364; &bogus; &", "a b c d <e> € &bogus; &"),
        ("<ul><li>One<li><p>Two</p></ul><ol><li>A</li><li>B</li></ol>", "- One\n\n- Two\n\n1. A\n2. B"),
        ("<blockquote>Said<blockquote>before</blockquote></blockquote>Now", "> Said\n>\n> > before\n\nNow"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>c<td>d</table>", "a | b\nc | d"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("x<hr>y", f"x\n{'-' * 20}\ny"),
        ("<script>if (a<b) alert('</p>')</script><style>p{}</style><title>t</title>Words", "Words"),
        ("<!-- no --><!--[if mso]>no<![endif]--><![if !mso]>yes<![endif]>", "yes"),
        ("<![x y]>yes<!doctype html><?php no ?>", "yes"),
        (
            "<a href='http://evil.example/?x=1'>http://bank.example</a>",
            f"http://bank.example [1]\n\nLinks:\n[1] http://evil.example/?x=1\n{DOUBT}",
        ),
        ("<a href=http://a.example/>a.example</a>", "a.example"),
        ("<a href=mailto:a@b.example>a@b.example</a>", "a@b.example"),
        (
            "<a href=http://a>x</a> <a href=http://b>y</a> <a href=http://a>z</a>",
            "x [1] y [2] z [1]\n\nLinks:\n[1] http://a\n[2] http://b",
        ),
        ("<a href='javascript:\x1b[2J()'>x</a>", "x [1]\n\nLinks:\n[1] javascript:�[2J()"),
        ("<a name=top>x</a><a href=#top>y</a>", "xy"),
        (
            "<img src=http://far.example/logo.png?id=7><img alt='Our boat' src=x.png><img alt='' src=y.png>",
            "[image: Our boat]\n\n1 remote picture was not loaded, from far.example.",
        ),
        (
            "<img src=http://spy.example/pixel width=1 height=1>Words",
            "Words\n\n1 remote picture was not loaded; it is from spy.example, only to count readers.",
        ),
        ("<a href=http://a><img src=cid:boat></a>", "[image: boat] [1]\n\nLinks:\n[1] http://a"),
        (
            "<a href=http://a.example/x><img src=http://far.example/logo.png></a>",
            "[image: logo.png] [1]\n\n1 remote picture was not loaded, from far.example.\n\nLinks:\n[1] http://a.example/x",
        ),
        ("unclosed <b <i", "unclosed <b <i"),
        ("[red]no markup[/red]", "[red]no markup[/red]"),
    ],
)
def test_html(html: str, shown: str) -> None:
    """A page is shown as text, its links with their true targets, its pictures with their names."""
    assert readable(mime("text/html; charset=utf-8", html)) == shown


RUSSIAN = "Привет, как дела? Мы приехали вчера вечером и очень устали, но всё хорошо."
GREEK = "Γεια σας, τι κάνετε; Είμαστε καλά και σας περιμένουμε το καλοκαίρι στο νησί."
JAPANESE = "こんにちは、お元気ですか。来週の金曜日に東京へ行きます。よろしくお願いします。"
CHINESE = "你好。我们星期五晚上到。请在车站等我们。谢谢。天气很好。"
TAIWANESE = "您好。我們星期五晚上到。請在車站等我們。謝謝。天氣很好。"
FRENCH = "Bonjour à tous, l'été était très beau, nous avons mangé des crêpes près de la forêt."


@pytest.mark.parametrize(
    ("text", "charset", "declared"),
    [
        (RUSSIAN, "koi8-r", ""),
        (RUSSIAN, "cp1251", "us-ascii"),
        (RUSSIAN, "cp1251", "utf-8"),
        (GREEK, "cp1253", ""),
        (JAPANESE, "euc-jp", ""),
        (JAPANESE, "cp932", "x-unknown"),
        (CHINESE, "gb18030", ""),
        (TAIWANESE, "big5", "utf-8"),
        (FRENCH, "cp1252", ""),
        (FRENCH, "cp1252", "utf-8"),
        (FRENCH, "utf-8", ""),
        (RUSSIAN, "cp1251", "windows-1251"),
    ],
)
def test_charsets_that_are_not_told_are_guessed(text: str, charset: str, declared: str) -> None:
    """Where none is named, or the named one cannot be right, the letters themselves say it."""
    parameter = f"; charset={declared}" if declared else ""
    assert readable(f"Content-Type: text/plain{parameter}\n\n".encode() + text.encode(charset)) == text


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            mime("multipart/signed; protocol=application/pgp-signature; boundary=b", "--b\n\nx"),
            "Signed with PGP; ",
        ),
        (multipart("signed; protocol=application/pkcs7-signature", PLAIN), "Signed with S/MIME; "),
        (multipart("encrypted; protocol=application/pgp-encrypted", PLAIN), "Encrypted with PGP; "),
        (mime("application/pkcs7-mime; smime-type=enveloped-data", "x"), "Encrypted with S/MIME; "),
        (mime("application/x-pkcs7-mime; smime-type=signed-data", "x"), "Signed with S/MIME, with the letter inside"),
        (b"\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx", "Signed with PGP; mailrun does not check"),
        (b"\n-----BEGIN PGP MESSAGE-----\n\nx", "Encrypted with PGP; mailrun cannot open it."),
        (b"\nSee -----BEGIN PGP MESSAGE-----", ""),
    ],
)
def test_what_is_signed_or_encrypted_says_so(message: bytes, sentence: str) -> None:
    """In a sentence that claims nothing that was not done."""
    notes = [block.text for block in blocks(message) if isinstance(block, Note)]
    assert notes[0].startswith(sentence) if sentence else not notes


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("<img src=http://a.example/x.png>", "1 remote picture was not loaded, from a.example."),
        (
            "<img src=//a.example/x><img src=https://b.ex>",
            "2 remote pictures were not loaded, from a.example, b.ex.",
        ),
        (
            "<img src=http://a.example/x.png><img src=http://t.example/p height=1 width=1><img src=http://a.example/y>",
            "3 remote pictures were not loaded; 1 of them, from t.example, only counts readers.",
        ),
        (
            "<img style='display:none' src=http://t.example/p>",
            "1 remote picture was not loaded; it is from t.example, only to count readers.",
        ),
        ("<img src=cid:x><img src=data:image/gif;base64,R0>", ""),
    ],
)
def test_remote_pictures_are_counted_and_named(html: str, sentence: str) -> None:
    """Those that only count readers are told apart; what came with the letter is not remote."""
    notes = [block.text for block in blocks(mime("text/html", html)) if isinstance(block, Note)]
    assert notes == ([sentence] if sentence else [])


BANK = "says bank.example, leads to bank.example.evil.example"


@pytest.mark.parametrize(
    ("words", "target", "doubt"),
    [
        ("www.bank.example", "https://evil.example/bank.example", "says www.bank.example, leads to evil.example"),
        (
            "https://bank.example/login",
            "https://bank.example.evil.example/",
            BANK,
        ),
        ("bank.example", "https://bank.example@evil.example/", "says bank.example, leads to evil.example"),
        ("help@bank.example", "http://evil.example/", "says bank.example, leads to evil.example"),
        ("Bank.Example", "https://www.bank.example/x", ""),
        ("bank.example", "https://mail.bank.example/x", ""),
        ("the bank", "https://evil.example", ""),
        ("version 1.2", "https://evil.example", ""),
        ("help@bank.example", "mailto:other@evil.example", ""),
    ],
)
def test_links_that_say_another_place(words: str, target: str, doubt: str) -> None:
    """The host that a link names must be the one that it leads to, or above it."""
    found = blocks(mime("text/html", f"<a href='{target}'>{words}</a>"))
    assert [block.doubt for block in found if isinstance(block, Link)] == [doubt]


def test_links_are_numbered_through_the_whole_letter() -> None:
    """Two pages in one letter do not number theirs alike."""
    first, second = (mime("text/html", f"<a href=http://{name}.example>{name}</a>") for name in "ab")
    assert readable(multipart("mixed", first, second)).startswith("a [1]\n\nb [2]\n\nLinks:")


def test_the_page_can_be_read_instead_of_the_text() -> None:
    """Where a letter has both; where it has not, it stays what it is."""
    both = multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="=_b2"), PICTURE)
    assert written(blocks(both, page=True)).startswith("Rich words.\n\nAttached:")
    assert written(blocks(multipart("alternative", PLAIN), page=True)) == "Plain words."
    assert (forms(both), forms(HTML), forms(multipart("mixed", PLAIN, HTML))) == (True, False, False)


def test_answers_quote_what_was_written_only() -> None:
    """Neither what mailrun says of a letter nor the list of its files is anybody's words."""
    message = multipart("mixed", mime("text/html", "Words<img src=http://a.example/x>"), REPORT)
    assert quotable(message) == "Words"
    inside = multipart("mixed", PLAIN, b"Content-Type: message/rfc822\n\n" + message, boundary="=_outer")
    assert quotable(inside) == "Plain words.\n\n│ Enclosed letter\n│ Words"


def test_a_part_is_read_by_itself() -> None:
    """A letter as a letter, a page as text, a table as it stands; the source as it came."""
    table = mime("text/csv", "> a,b", "Content-Disposition: attachment; filename=t.csv")
    message = multipart("mixed", HTML, b"Content-Type: message/rfc822\n\n" + INNER, table)

    assert written(enclosed(message, "1")) == "Rich words."
    assert written(enclosed(message, "2")) == "Inner words."
    assert enclosed(message, "3") == (Text(("> a,b",)),)
    assert "<p>Rich <b>words</b>.</p>" in written(source(message))
    with pytest.raises(InputError, match="no part"):
        enclosed(message, "9")


def test_html_names_its_own_charset() -> None:
    """A page without a charset in its header is read by the one in the page."""
    page = b"Content-Type: text/html\n\n<meta http-equiv=x content='text/html; charset=koi8-r'>\xf0\xd2\xc9"
    assert readable(page) == "При"


def test_attachments() -> None:
    """All but the text of a letter can be saved, also from letters inside it, each under a name of its own."""
    inside = multipart("mixed", PLAIN, REPORT, boundary="=_inside")
    message = multipart(
        "mixed", multipart("related", HTML, PICTURE, boundary="=_r"), b"Content-Type: message/rfc822\n\n" + inside
    )
    assert attachments(message) == [
        Part("part-1.2.png", "image/png", 8, "1.2", "PNG picture"),
        Part("part-2.eml", "message/rfc822", len(inside), "2", "letter"),
        Part("Our report.pdf", "application/pdf", 6, "2.1.2", "PDF document"),
    ]
    assert content(message, "1.2") == b"\x89PNG\r\n\x1a\n"
    assert content(message, "2") == inside
    assert content(message, "2.1.2") == b"%PDF-1"


def test_a_letter_that_is_a_file() -> None:
    """A letter that is nothing but a file has one attachment, itself."""
    assert attachments(REPORT) == [Part("Our report.pdf", "application/pdf", 6, "", "PDF document")]
    assert content(REPORT, "") == b"%PDF-1"


def test_no_such_part() -> None:
    """A part that a letter does not have is named in the error."""
    with pytest.raises(InputError, match='no part "7�"'):
        content(PLAIN, "7\x1b")


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\Users\\\\x\\\\boat.jpg"', "boat.jpg"),
        ('filename=".bashrc"', "bashrc"),
        ('filename=".."', "part-0"),
        ('filename="=?utf-8?B?R3LDvMOfZS50eHQ=?="', "Grüße.txt"),
        ("filename*=utf-8''Gr%C3%BC%C3%9Fe.txt", "Grüße.txt"),
        ("filename*0*=utf-8''Gr%C3; filename*1*=%BC%C3%9Fe.txt", "Grüße.txt"),
        ('filename="Grüße.txt"', "Grüße.txt"),
        ('filename="invoice\u202efdp.exe"', "invoice�fdp.exe"),
        ('filename="a\x1b[2J.txt"', "a�[2J.txt"),
        (f'filename="{"x" * 500}.jpeg"', f"{'x' * 109}.jpeg"),
        ("filename*99999999999999999999999999=x; filename*=y", "part-0"),
        (f"filename*{'9' * 5000}=x", "part-0"),
        ("filename*=nonsense'x'%FF%FE", "ÿþ"),
    ],
)
def test_names(parameter: str, name: str) -> None:
    """A file's name holds no folder and nothing that a terminal obeys, however it was written."""
    message = mime("application/x-odd-kind", "x", f"Content-Disposition: attachment; {parameter}")
    assert [part.name for part in attachments(message)] == [name]


def test_a_long_letter_is_cut() -> None:
    """What is longer than anyone reads is cut, and the letter says so."""
    shown = readable(b"\n" + b"abc \t\n" * LONGEST)
    assert len(shown) < LONGEST + 100
    assert shown.endswith("more characters are not shown.")


HOSTILE = [
    b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)),
    b"Content-Type: message/rfc822\n\n" * 3000,
    b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: a/b\n\nx\n" * 50_000,
    *(
        b"Content-Type: text/html\n\n" + tag * 50_000 + b">"
        for tag in (b"<a", b"<a b='", b"<!--", b"<script></", b"<p>")
    ),
    b"\n" + b"\t" * 100_000 + b" \n" * 100_000,
    b"Content-Type: text/plain; format=flowed\n\n" + b"> a \n" * 100_000,
]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("message", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_letters_cost_no_time(message: bytes) -> None:
    """Nesting without end and tags without end neither raise nor take longer than a letter of their size."""
    readable(message)
    assert len(attachments(message)) <= 1000


PIECES = st.sampled_from(
    [
        *(b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: multipart/alternative; boundary=b\n", b"\n"),
        *(
            b"Content-Type: message/rfc822\n",
            b"Content-Type: text/html\n",
            b"Content-Type: multipart/digest; boundary=b\n",
        ),
        *(
            b"--b\n",
            b"--b--\n",
            b"Content-Transfer-Encoding: base64\n",
            b"Content-Disposition: attachment; filename*=x\n",
        ),
        *(
            b"Content-Transfer-Encoding: quoted-printable\n",
            b"Content-Type: text/plain; format=flowed; charset=utf-7\n",
        ),
        *(b"<p><a href=x>", b"</a><![if", b"<!--", b"-->", b"=\n", b"=FF", b"AAAA\n", b"\x80\xff", b" \t", b"\r\n"),
    ]
)


@given(st.lists(PIECES | st.binary(max_size=10), max_size=40).map(b"".join))
def test_any_letter_can_be_read(message: bytes) -> None:
    """Whatever the bytes, the letter is shown safely in all its forms, and every attachment can be read and had."""
    assert not BAD.search(readable(message).replace("\n", ""))
    assert not BAD.search(written([*blocks(message, page=forms(message)), *source(message)]).replace("\n", ""))
    for part in attachments(message):
        assert not BAD.search(written(enclosed(message, part.path)).replace("\n", ""))
        assert len(content(message, part.path)) == part.size
        assert part.name
        assert not set(part.name) & set("/\\\n")


@given(st.binary(max_size=300))
def test_an_attached_letter_comes_out_as_it_was(inner: bytes) -> None:
    """A letter attached as it is has the same bytes when it is saved."""
    message = b"Content-Type: multipart/mixed; boundary=never-in-it\n\n--never-in-it\n"
    message += b"Content-Type: message/rfc822\n\n" + inner + b"\n--never-in-it--\n"
    assert content(message, "1") == inner
