"""JSON Lines to text cells.

Here: one object a line, lines that are none, nested values as JSON text. Not here: what a key means (`sources.read`).
bytes -> Sheet whose header is the union of the keys
"""

import json
from typing import Any

from sources.readers.sheet import Cells, Fault, FileRefused, Sheet


def read(content: bytes, file: str) -> Sheet:
    """Reads one object a line; blank lines stay rows. Lines that are no object become rows with a fault.

    Raises:
        FileRefused: the file is one JSON array instead of lines.
    """
    content, encoding = _as_utf_8(content.removeprefix(b"\xef\xbb\xbf"))
    if content.lstrip()[:1] == b"[" and content.rstrip()[-1:] == b"]":
        raise FileRefused("json_array", f"{file} 是一个 JSON 数组，不是每行一个对象：请导出为 JSON Lines 格式后再交付")
    lines = content.split(b"\n")
    if not lines[-1].strip():
        lines.pop()
    objects: list[dict[str, Any]] = []
    faults: dict[int, Fault] = {}
    for position, line in enumerate(lines):
        value = _object(line, position + 1, file)
        if isinstance(value, Fault):
            faults[position] = value
            objects.append({"": line.decode("utf-8", "replace")[:2000]})
        else:
            objects.append(value)
    header = list(dict.fromkeys(key for value in objects for key in value))
    columns: list[Cells] = [[as_text(value.get(key)) for value in objects] for key in header]
    findings = [f"{file} 的编码是 {encoding}，登记的是 UTF-8，已按前者读取"] if encoding else []
    numbers = list(range(1, len(lines) + 1))
    return Sheet(None, columns, numbers, header=header, faults=faults, findings=findings)


def _as_utf_8(content: bytes) -> tuple[bytes, str | None]:
    """The same text in UTF-8, and its encoding where that was another one.

    A few bad lines do not make another encoding: they are told one by one.
    """
    try:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return content.decode("utf-16").encode(), "UTF-16"
        content.decode("utf-8")
    except UnicodeDecodeError:
        chinese = [line for line in content.split(b"\n") if not line.isascii()]
        bad = sum(not _decodes(line, "utf-8") for line in chinese)
        if 2 * bad > len(chinese) and _decodes(content, "gb18030"):
            return content.decode("gb18030").encode(), "GB18030"
    return content, None


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _object(line: bytes, number: int, file: str) -> dict[str, Any] | Fault:
    """The object of one line, or why there is none."""
    if not line.strip():
        return {}
    if b"\0" in line:
        return Fault("nul", f"{file} 第 {number} 行含有空字节（NUL），可能传输中断：请重新导出这一行")
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        byte = line[error.start]
        return Fault(
            "undecodable",
            f"{file} 第 {number} 行有无法按 UTF-8 解码的字节（0x{byte:02X}）：请按 UTF-8 重新导出",
        )
    except json.JSONDecodeError as error:
        sentence = f"{file} 第 {number} 行不是有效的 JSON（第 {error.pos + 1} 个字符处），可能被截断：请重新导出这一行"
        return Fault("bad_json", sentence)
    except (ValueError, RecursionError):
        return Fault("bad_json", f"{file} 第 {number} 行有 JSON 不允许的值（NaN、过长的数字或过深的嵌套）：请核对")
    if not isinstance(value, dict):
        return Fault("bad_json", f"{file} 第 {number} 行是 JSON，但不是“键: 值”的对象：请每行导出一个对象")
    if b"\\ud" in line.lower():
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            return Fault("undecodable", f"{file} 第 {number} 行有残缺的 Unicode 转义（\\uD8xx）：请重新导出这一行")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def as_text(value: Any) -> str | None:
    """Returns a JSON value as text: objects and lists as JSON, ``null`` and blanks as None."""
    if type(value) is str:
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**15 else repr(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else None
    return str(value)
