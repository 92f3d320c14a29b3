"""Photographs of a boat, drawn by rule: real PNG files that a program can show, and that nothing makes much smaller.

Never: a picture in the repository, or two that differ from one day to the next.
"""

import hashlib
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

WIDTH, HEIGHT = 240, 150
HORIZON = 82
GRAIN = 0x0F  # of each colour: what a film has, and what keeps the file as large as a photograph's

Colour = tuple[int, int, int]
SKY, SEA, DEEP = (120, 150, 190), (40, 90, 110), (30, 80, 90)
HULL, SAIL, MAST, KEEL = (150, 40, 35), (225, 220, 200), (90, 60, 40), (60, 60, 70)


@dataclass(frozen=True, slots=True)
class Shape:
    """Four corners: from ``left`` to ``right`` at the ``top`` and at the ``bottom``, as x at the one and the other."""

    top: int
    bottom: int
    left: tuple[int, int]
    right: tuple[int, int]
    colour: Colour

    def span(self, y: int) -> tuple[int, int]:
        """From where to where it reaches in a row; nowhere above and below it."""
        if not self.top <= y < self.bottom:
            return 0, 0
        part = (y - self.top) / (self.bottom - self.top)
        (left, left_end), (right, right_end) = self.left, self.right
        return round(left + part * (left_end - left)), round(right + part * (right_end - right))


VIEWS: Mapping[str, Sequence[Shape]] = MappingProxyType(
    {
        "bow": (
            Shape(15, 89, (118, 118), (122, 122), MAST),
            Shape(19, 82, (121, 123), (123, 163), SAIL),
            Shape(86, 118, (96, 113), (144, 127), HULL),
        ),
        "side": (
            Shape(12, 89, (111, 111), (115, 115), MAST),
            Shape(15, 82, (117, 117), (118, 190), SAIL),
            Shape(26, 84, (109, 53), (111, 111), SAIL),
            Shape(87, 113, (41, 65), (204, 182), HULL),
        ),
        "below": (
            Shape(0, HEIGHT, (0, 0), (WIDTH, WIDTH), DEEP),
            Shape(34, 75, (118, 34), (122, 206), HULL),
            Shape(75, 117, (34, 118), (206, 122), HULL),
            Shape(72, 79, (60, 60), (180, 180), KEEL),
        ),
    }
)


def photograph(view: str) -> bytes:
    """A PNG file: the boat as ``VIEWS`` has it."""
    rows = b"".join(b"\0" + _row(view, y) for y in range(HEIGHT))
    size = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)  # eight bits each of red, green and blue
    chunks = ((b"IHDR", size), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*chunks, strict=True)))


def _row(view: str, y: int) -> bytes:
    """One row of it, with its grain."""
    sky = SKY if y < HORIZON else SEA
    row = bytearray(bytes(min(224, part + y // 4) for part in sky) * WIDTH)
    for shape in VIEWS[view]:
        left, right = shape.span(y)
        row[3 * left : 3 * right] = bytes(shape.colour) * (right - left)
    grain = hashlib.shake_128(f"{view} {y}".encode()).digest(len(row))
    return bytes(colour + (noise & GRAIN) for colour, noise in zip(row, grain, strict=True))


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
