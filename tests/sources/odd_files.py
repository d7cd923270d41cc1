"""Files that are not what their name says, made byte by byte: compound files, workbooks that unpack to 10 GB.

Here: containers only. Not here: sound exports (`tests.sources.exports`).
"""

import hashlib
import io
import re
import struct
import zipfile
import zlib

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
GIB = 1 << 30


def compound_file(streams: dict[str, bytes]) -> bytes:
    """An OLE compound file ([MS-CFB], version 3): header, FAT, directory, streams of 4096 bytes or more."""
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    sizes = {name: -(-len(data) // SECTOR) for name, data in padded.items()}
    directory_sectors = -(-(len(streams) + 1) // 4)
    total = directory_sectors + sum(sizes.values())
    fat_sectors = 1
    while fat_sectors * 128 < total + fat_sectors:
        fat_sectors += 1
    fat = [FAT] * fat_sectors
    fat += [*range(fat_sectors + 1, fat_sectors + directory_sectors), END]
    starts = {}
    for name, count in sizes.items():
        starts[name] = len(fat)
        fat += [*range(len(fat) + 1, len(fat) + count), END]
    fat += [FREE] * (fat_sectors * 128 - len(fat))
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, fat_sectors, fat_sectors, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", *range(fat_sectors), *[FREE] * (109 - fat_sectors))
    entries = [_entry("Root Entry", 5, END, 0, child=1)]
    names = list(padded)
    for place, name in enumerate(names, 1):
        right = place + 1 if place < len(names) else FREE
        entries.append(_entry(name, 2, starts[name], len(padded[name]), right=right))
    directory = b"".join(entries).ljust(directory_sectors * SECTOR, b"\0")
    body = b"".join(data.ljust(sizes[name] * SECTOR, b"\0") for name, data in padded.items())
    return header + struct.pack(f"<{len(fat)}I", *fat) + directory + body


def _entry(name: str, kind: int, start: int, size: int, *, child: int = FREE, right: int = FREE) -> bytes:
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def encrypted_workbook(workbook: bytes) -> bytes:
    """A workbook as Excel saves it with a password ([MS-OFFCRYPTO], agile): its ZIP is there, as noise only."""
    stream, block = [], hashlib.sha256(b"password").digest()
    for place in range(0, len(workbook), 32):
        block = hashlib.sha256(block + struct.pack("<I", place)).digest()
        stream.append(bytes(left ^ right for left, right in zip(workbook[place : place + 32], block, strict=False)))
    info = struct.pack("<HHI", 4, 4, 0x40) + (
        b'<?xml version="1.0"?><encryption xmlns="http://schemas.microsoft.com/office/2006/encryption"><keyData '
        b'saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES"/></encryption>'
    )
    package = struct.pack("<Q", len(workbook)) + b"".join(stream)
    return compound_file({"EncryptionInfo": info, "EncryptedPackage": package})


def old_workbook(cells: list[list[str]]) -> bytes:
    """An Excel 97-2003 workbook (BIFF8) with one sheet of text cells (LABEL records)."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    name = "工单".encode("utf-16-le")
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    globals_ = record(0x0809, begin)
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            text = cell.encode("utf-16-le")
            sheet += record(0x0204, struct.pack("<HHHHB", row, column, 0, len(cell), 1) + text)
    sheet += record(0x000A, b"")
    place = len(globals_) + 4 + 8 + len(name) + 4
    globals_ += record(0x0085, struct.pack("<IBBBB", place, 0, 0, len(name) // 2, 1) + name) + record(0x000A, b"")
    return compound_file({"Workbook": globals_ + sheet})


def zeros(size: int) -> bytes:
    """``size`` zero bytes (whole 64 MiB) as raw deflate, without ever making them: one piece, repeated."""
    piece_size = 64 << 20
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(piece_size)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece * (size // piece_size) + b"\x03\x00"


def workbook_of_zeros(sound: bytes, size: int, *, claimed: int | None = None) -> bytes:
    """A workbook whose first sheet unpacks to ``size`` zero bytes; its directory says so, or claims less."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(content, "w") as new:
        for part in old.infolist():
            if part.filename != "xl/worksheets/sheet1.xml":
                new.writestr(part, old.read(part))
        packed = zeros(size)
        info = zipfile.ZipInfo("xl/worksheets/sheet1.xml")
        info.compress_type, info.file_size, info.compress_size = zipfile.ZIP_DEFLATED, claimed or size, len(packed)
        info.CRC = 0
        info.header_offset = content.tell()
        content.write(info.FileHeader(zip64=True))
        content.write(packed)
        new.filelist.append(info)
        new.NameToInfo[info.filename] = info
        new.start_dir = content.tell()
        new._didModify = True
    return content.getvalue()


def changed(workbook: bytes, part: str, pattern: str, replacement: str) -> bytes:
    """The workbook with one of its parts changed by a regular expression that must fit."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name == part:
                text, count = re.subn(pattern.encode(), replacement.encode(), text)
                assert count, f"{pattern} is not in {part}"
            new.writestr(name, text)
    return content.getvalue()
