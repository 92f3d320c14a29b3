"""Pictures made smaller by the real Pillow."""

import io
from typing import Any

import pytest
from PIL import Image, ImageCms

from core import picture
from core.errors import InputError
from core.mail.compose import Attachment

WIDE = Image.effect_mandelbrot((2000, 1500), (-2, -1.5, 1, 1.5), 50).convert("RGB")


def packed(image: Image.Image, kind: str = "JPEG", **options: Any) -> Attachment:
    """A picture as a file, as a camera or a scanner makes it."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return Attachment(f"plum.tree.{kind.lower()}", f"image/{kind.lower()}", out.getvalue())


def camera() -> Attachment:
    """A photograph that lies on its side, and tells who took it where."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be held a quarter turn to the right
    exif[0x010F] = "Camera of Ann"
    exif.get_ifd(0x8825)[1] = "N"
    return packed(WIDE, quality=95, exif=exif, comment=b"at the island")


def seen(file: Attachment) -> Image.Image:
    """What a reader sees."""
    image = Image.open(io.BytesIO(file.content))
    image.load()
    return image


def test_sizes() -> None:
    """First the picture as it is, then smaller ones, each worth it; with its turn made, under its name."""
    file = camera()

    whole, *smaller = picture.smaller(file)

    assert (whole.file, whole.width, whole.height) == (file, 1500, 2000)
    assert [(one.width, one.height) for one in smaller] == [(1200, 1600), (768, 1024)]
    assert [seen(one.file).size for one in smaller] == [(1200, 1600), (768, 1024)]
    assert all(one.file.name == "plum.tree.jpg" and one.file.kind == "image/jpeg" for one in smaller)
    sizes = [len(one.file.content) for one in (whole, *smaller)]
    assert sizes[1] <= 0.7 * sizes[0]
    assert sizes[2] <= 0.7 * sizes[1]


def test_tells_no_more_than_one_sees() -> None:
    """Place, camera and remarks stay here."""
    for one in picture.smaller(camera())[1:]:
        assert not any(word in one.file.content for word in (b"Exif", b"Ann", b"island"))
        assert not seen(one.file).getexif()


def test_turned_the_right_way() -> None:
    """What was at the left before the turn is at the top after it."""
    dark = Image.new("RGB", (2000, 1500), "white")
    dark.paste("black", (0, 0, 1000, 1500))
    exif = Image.Exif()
    exif[0x0112] = 6
    made = seen(picture.smaller(packed(dark, quality=100, exif=exif))[1].file)

    assert made.getpixel((600, 100)) == (0, 0, 0)
    assert made.getpixel((600, 1500)) == (255, 255, 255)


def test_transparent() -> None:
    """What is transparent is white, and not black."""
    clear = WIDE.convert("RGBA")
    clear.putalpha(0)
    made = seen(picture.smaller(packed(clear, "PNG"))[1].file)

    assert made.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("image", "kind", "options"),
    [
        (WIDE.convert("P"), "PNG", {}),
        (WIDE.convert("L"), "PNG", {}),
        (WIDE.convert("CMYK"), "JPEG", {"quality": 98}),
        (WIDE, "BMP", {}),
        (WIDE, "WEBP", {"quality": 99}),
        (WIDE, "TIFF", {}),
        (WIDE, "PNG", {"icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()}),
        (WIDE, "PNG", {"icc_profile": b"no profile"}),
    ],
)
def test_kinds(image: Image.Image, kind: str, options: dict[str, Any]) -> None:
    """Whatever it was made of, what goes is a JPEG in colours."""
    made = seen(picture.smaller(packed(image, kind, **options))[1].file)

    assert (made.format, made.mode) == ("JPEG", "RGB")


@pytest.mark.parametrize(
    "file",
    [
        packed(WIDE.resize((300, 225)), quality=60),
        packed(WIDE.convert("1"), "PNG"),
        packed(WIDE, "GIF", save_all=True, append_images=[WIDE.rotate(9)]),
        packed(WIDE.convert("I;16"), "PNG"),
    ],
    ids=["small", "drawing", "film", "fine shades"],
)
def test_left_as_it_is(file: Attachment) -> None:
    """What would hardly be smaller, moves, or has more than JPEG can hold is not offered smaller."""
    (whole,) = picture.smaller(file)

    assert whole.file == file


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"GIF89a" + bytes(9), camera().content[:4000], b"%!PS"])
def test_broken(content: bytes) -> None:
    """What is no picture, or not all of one, is a sentence."""
    with pytest.raises(InputError, match=r"^a.jpg is broken, or no picture that mailrun knows; it goes as it is$"):
        picture.smaller(Attachment("a.jpg", "image/jpeg", content))


def test_warnings_stay_off_the_screen() -> None:
    """What Pillow has to say of a camera's broken notes is nothing for the terminal; the picture is fine."""
    broken = b"Exif\0\0II*\0\x08\0\0\0\x09\0\x12\x01\x03\0"

    assert len(picture.smaller(packed(WIDE, quality=95, exif=broken))) == 3


def test_too_many_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture that would fill the memory is refused before it is decoded."""
    monkeypatch.setattr(picture, "_MOST", 1_000_000)
    with pytest.raises(InputError, match="has 2,000 by 1,500 dots, which are too many; it goes as it is"):
        picture.smaller(camera())


def test_bomb() -> None:
    """One that claims to be as large as a town is a sentence, too."""
    head = packed(Image.new("1", (1, 1)), "PNG").content
    huge = head.replace(b"IHDR\x00\x00\x00\x01\x00\x00\x00\x01", b"IHDR\x00\x01\x00\x00\x00\x01\x00\x00")
    with pytest.raises(InputError, match=r"^a\.png"):
        picture.smaller(Attachment("a.png", "image/png", huge))
