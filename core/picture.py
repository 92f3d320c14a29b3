"""Pictures: opened within bounds, and made smaller for a thin line. Needs Pillow, the extra ``pictures``.

Never: a file of the house; a picture made smaller that nobody asked for.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import PurePath
from typing import TYPE_CHECKING

from core.errors import InputError
from core.mail.compose import Attachment

if TYPE_CHECKING:
    from PIL.Image import Image

SIDES = (1600, 1024)  # dots of the longer side: fills a screen, fills half of one
QUALITY = 80  # of JPEG; above it bytes grow faster than what one sees
WORTH = 0.7  # of the bytes before, at most: less is not worth a question
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
_MOST = 60_000_000  # dots
_ORIENTATION, _QUARTER = 0x0112, 5  # EXIF: how to hold the picture; from here on by a quarter turn
# What Pillow raises over broken pictures: some of it by intent, some not.
_BROKEN = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError),
    *(MemoryError, struct.error, zlib.error),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a file, and its dots."""

    file: Attachment
    width: int
    height: int


@cache
def possible() -> bool:
    """Whether Pillow is there."""
    return find_spec("PIL") is not None


@contextmanager
def opened(content: bytes, name: str, remedy: str) -> Iterator["Image"]:
    """A picture whose dots are not decoded yet; ``remedy`` ends the sentence about one that is broken.

    Raises:
        InputError: it is no picture of the usual kinds, is broken, or has more dots than this machine should hold.
    """
    from PIL import Image  # noqa: PLC0415 - an extra

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they would be written over the screen
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=_FORMATS)
            if image.width * image.height > _MOST:
                raise InputError(f"{name} has {image.width:,} by {image.height:,} dots, which are too many; {remedy}")
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, *_BROKEN):
        raise InputError(f"{name} is broken, or no picture that mailrun knows; {remedy}") from None


def smaller(file: Attachment) -> tuple[Picture, ...]:
    """The picture as it is, and then in each smaller size that is worth it; the turn that EXIF tells is made.

    The smaller ones are JPEG, and hold nothing but what one sees: not where and when they were taken.

    Raises:
        InputError: as ``opened``.
    """
    found: list[Picture] = []
    for side in SIDES:
        with opened(file.content, file.name, "it goes as it is") as image:
            if not found:
                found.append(Picture(file, *_shown(image)))
            if getattr(image, "is_animated", False) or image.mode[0] in "IF":
                break  # a film, or finer shades than JPEG has
            made = _made(image, file, side)
        if len(made.file.content) <= WORTH * len(found[-1].file.content):
            found.append(made)
    return tuple(found)


def _shown(image: "Image") -> tuple[int, int]:
    """Width and height as one sees them."""
    turned = image.getexif().get(_ORIENTATION, 1) >= _QUARTER
    return (image.height, image.width) if turned else image.size


def _made(image: "Image", file: Attachment, side: int) -> Picture:
    """The picture with no more than so many dots on its longer side."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - an extra

    image.draft("RGB", (side, side))  # JPEG: decoded no larger than need be
    made = _natural(ImageOps.exif_transpose(image))
    made.thumbnail((side, side), Image.Resampling.LANCZOS)
    made.info = {}  # comments would travel along
    packed = io.BytesIO()
    made.save(packed, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    name = f"{PurePath(file.name).stem}.jpg"
    return Picture(replace(file, name=name, kind="image/jpeg", content=packed.getvalue()), made.width, made.height)


def _natural(image: "Image") -> "Image":
    """In the colours that every screen takes it for, and what is transparent on white."""
    from PIL import Image, ImageCms  # noqa: PLC0415 - an extra

    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGB", clear.size, "white")
        white.paste(clear, mask=clear)
        return white
    if (profile := image.info.get("icc_profile")) and image.mode in ("RGB", "CMYK"):
        with suppress(ImageCms.PyCMSError):
            there = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, io.BytesIO(profile), there, outputMode="RGB") or image
    return image.convert("RGB")
