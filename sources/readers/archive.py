"""A ZIP of exports: its members as files of the delivery.

Here: names in Chinese code pages, size limits, one level only. Not here: reading a member (`sources.readers`).
bytes of a .zip -> list[(member name, bytes)]
"""

import io
import zipfile
import zlib

from sources.readers.sheet import FileRefused

MAX_UNPACKED = 1 << 30
"""Bytes of all members together (1 GiB)."""

MAX_MEMBERS = 1000


def members(content: bytes, file: str) -> list[tuple[str, bytes]]:
    """Returns the files inside, by name, without folders and hidden ones.

    Raises:
        FileRefused: damaged, with a password, or larger unpacked than allowed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [part for part in archive.infolist() if not part.is_dir()]
            if sum(part.file_size for part in parts) > MAX_UNPACKED or len(parts) > MAX_MEMBERS:
                raise FileRefused(
                    "unpack_bomb",
                    f"{file} 解压后超过 {MAX_UNPACKED >> 30} GB 或多于 {MAX_MEMBERS} 个文件，为防止占满内存没有读："
                    "请核实来历，分成多个包或直接交付其中的文件",
                )
            if any(part.flag_bits & 1 for part in parts):
                raise FileRefused("password", f"{file} 有解压密码，无法读取：请去掉密码后再交付")
            found = [(_name(part), archive.read(part)) for part in parts]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise FileRefused("corrupt_zip", f"{file} 压缩包已损坏或没有传完：请重新上传后再交付") from error
    return sorted((name, data) for name, data in found if not name.startswith((".", "~$")))


def _name(part: zipfile.ZipInfo) -> str:
    """Member name without folders. Windows writes names in GBK without saying so; zipfile takes them as cp437."""
    name = part.filename
    if not part.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = part.filename
    return name.replace("\\", "/").rsplit("/", 1)[-1]
