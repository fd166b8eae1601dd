"""HEIC photos are kept as they are, but for where they were taken: that is blanked in place."""

from __future__ import annotations

import re
import struct

TIFF = re.compile(rb"MM\x00\*|II\*\x00")
XMP = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>", re.DOTALL)
GPS_POINTER = 0x8825
# Bytes of one value, by TIFF type.
WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
MOST_ENTRIES = 500


def without_location(content: bytes) -> bytes:
    """The same bytes with the GPS entries of every EXIF block, and XMP packets, overwritten."""
    blanked = bytearray(content)
    for match in TIFF.finditer(content):
        _blank_gps(blanked, match.start(), ">" if match.group()[:2] == b"MM" else "<")
    for packet in XMP.finditer(content):
        blanked[packet.start() : packet.end()] = b" " * (packet.end() - packet.start())
    return bytes(blanked)


def _blank_gps(content: bytearray, start: int, order: str) -> None:
    try:
        (first,) = struct.unpack_from(f"{order}I", content, start + 4)
        for place, tag, _kind, _count, value in _entries(content, start + first, order):
            if tag == GPS_POINTER:
                for inner, _tag, kind, count, offset in _entries(content, start + value, order):
                    width = WIDTHS.get(kind, 1) * count
                    if 4 < width < 4096 and start + offset + width <= len(content):
                        content[start + offset : start + offset + width] = bytes(width)
                    content[inner + 8 : inner + 12] = bytes(4)
                # The pointer becomes an entry of nothing.
                content[place : place + 12] = struct.pack(f"{order}HHII", 0xFFFE, 4, 1, 0)
    except struct.error:
        return  # Bytes that only look like a TIFF header.


def _entries(content: bytearray, at: int, order: str) -> list[tuple[int, int, int, int, int]]:
    """Place, tag, type, count and value (or offset) of each entry of a directory."""
    (count,) = struct.unpack_from(f"{order}H", content, at)
    if count > MOST_ENTRIES:
        return []
    places = [at + 2 + number * 12 for number in range(count)]
    return [(place, *struct.unpack_from(f"{order}HHII", content, place)) for place in places]
