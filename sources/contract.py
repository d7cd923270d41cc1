"""What a source.yml may say, and what it says: columns, layout, codes, limits of one source.

Here: the model of source.yml, its validation with sentences that name file and line, and the list of known sources.
Not here: reading a delivery (`sources.read`), checks on values already read (`quality`).
sources/<name>/source.yml -> Contract
"""

import hashlib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from sources.tables import ORIGIN, RAW_RECORD

FOLDER = Path(__file__).parent

STATUSES = ("待处理", "办理中", "已办结", "已退回", "作废")
OUTCOMES = ("成功", "不成功", "进行中", "终止")
TIERS = ("市", "县", "乡", "村", "行业")
SCALES = ("01", "02", "03")
VOCABULARY: Mapping[str, tuple[str, ...]] = {
    "status": STATUSES,
    "outcome": OUTCOMES,
    "handling_tier": TIERS,
    "scale_code": SCALES,
}
"""Target columns that hold one of a fixed list of values, and the list (`sources.tables` describes them)."""

_FILLED_BY_READING = {column.name for column in ORIGIN} | {"extra", "unknown_codes"}
RECORD_KINDS: Mapping[str, str] = {
    column.name: column.kind for column in RAW_RECORD.columns if column.name not in _FILLED_BY_READING
}
"""Columns of raw_record that a source column may fill, with their kind (a key of `sources.table.TYPES`)."""

Kind = Literal["text", "local_time", "integer", "number", "boolean", "code", "parties"]
TimeFormat = Literal["iso", "slash", "chinese", "compact14", "compact8", "excel_serial"]
Role = Literal["reporter", "respondent", "applicant", "party"]
PartyField = Literal["name", "gender", "id_number", "phone", "address", "role"]
ReferenceKind = Literal["earlier", "repeat_of", "related", "transfer"]
TIME_FORMATS: tuple[TimeFormat, ...] = ("iso", "slash", "chinese", "compact14", "compact8", "excel_serial")


class ContractError(ValueError):
    """A source.yml that cannot be used; the message is for the person who wrote it."""


class _FaultAt(ValueError):
    """A fault of a whole model that lies at one place below it: ``path`` leads there, for the line number."""

    def __init__(self, path: tuple[str, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.path = path


def _listed(value: Any) -> Any:
    """One text stands for a list of one."""
    return [value] if isinstance(value, str) else value


Texts = Annotated[list[str], BeforeValidator(_listed)]


class _Strict(BaseModel):
    """Every model here refuses keys it does not know: a misspelt setting must not pass as a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PartyTarget(_Strict):
    """The column fills one field of a person or organisation of the record."""

    role: Role
    field: PartyField


class ColumnRule(_Strict):
    """How one column of the export is read.

    Attributes:
        to: raw_record column(s) that take the value; several source columns with one target are joined.
        type: how a cell is read. ``parties`` is a JSON list of objects, see ``fields`` and ``roles``.
        required: ``true``: column must exist and each row must fill it; ``column``: only the column must exist.
        optional: the column may be absent without a finding.
        aliases: other header names under which it may come.
        formats: accepted time formats, all by default.
        end_of_day: a date without a time means its last second (deadlines).
        future: a time far after the delivery is plausible here (deadlines).
        codes: delivered value to value kept; a list means the values as they are. Others become 未知 and are reported.
        patterns: like codes with ``*`` in the delivered value, tried where no code fits.
        missing: values that mean "nothing", beside those of the source.
        strip: characters taken off both ends (``【】``).
        party: see `PartyTarget`; reference: the column holds numbers of other records.
        fields, roles: for ``parties``: key of an object to field, value of its role to a role.
    """

    to: Texts = []
    type: Kind = "text"
    required: bool | Literal["column"] = False
    optional: bool = False
    aliases: Texts = []
    formats: list[TimeFormat] = list(TIME_FORMATS)
    end_of_day: bool = False
    future: bool = False
    codes: dict[str, Any] | None = None
    patterns: dict[str, Any] = {}
    missing: Texts = []
    strip: str = ""
    party: PartyTarget | None = None
    reference: ReferenceKind | None = None
    fields: dict[str, PartyField] = {}
    roles: dict[str, Role] = {}
    sensitivity: Literal["public", "internal", "personal", "secret"] = "internal"

    @field_validator("codes", mode="before")
    @classmethod
    def _codes_as_they_are(cls, value: Any) -> Any:
        if isinstance(value, list):
            return {str(item): item for item in value}
        if isinstance(value, dict):
            return {str(key): item for key, item in value.items()}
        return value

    @field_validator("to")
    @classmethod
    def _known_targets(cls, value: list[str]) -> list[str]:
        for target in value:
            if target not in RECORD_KINDS:
                near = get_close_matches(target, RECORD_KINDS, 1)
                hint = f"，是否应为 {near[0]}？" if near else f"；可用的列：{'、'.join(RECORD_KINDS)}"
                raise ValueError(f"to 的值“{target}”不是 raw_record 的列{hint}")
        return value

    @model_validator(mode="after")
    def _coherent(self) -> "ColumnRule":
        if self.type == "code" and self.codes is None:
            raise ValueError("type 为 code 时必须写 codes")
        if self.type == "parties" and not self.fields:
            raise ValueError("type 为 parties 时必须写 fields（对象的键到 name、id_number、phone、address、role）")
        for target in self.to:
            allowed = VOCABULARY.get(target)
            values = [*(self.codes or {}).values(), *self.patterns.values()]
            for kept in values if allowed else []:
                if kept not in (allowed or ()):
                    raise ValueError(f"codes 里的“{kept}”不是 {target} 的值，应为：{'、'.join(allowed or ())}")
            kinds = {"time": {"local_time"}, "integer": {"integer"}, "number": {"number"}, "boolean": {"boolean"}}
            wanted = kinds.get(RECORD_KINDS[target], {"text", "code"})
            if self.type not in wanted:
                raise ValueError(f"{target} 列要求 type 为 {'或'.join(sorted(wanted))}，这里写的是 {self.type}")
        if self.type == "boolean":
            for kept in (self.codes or {}).values():
                if not isinstance(kept, bool):
                    raise ValueError(f"type 为 boolean 时 codes 的值只能是 true 或 false，这里有“{kept}”")
        return self


class Ignore(_Strict):
    """Rows that are layout: blank ones, and those whose first filled cell is one of these words."""

    blank: bool = True
    first_cell: Texts = []


class Layout(_Strict):
    """Where the table lies in the file. ``header_row`` counts from 1; 0: there is none (JSON Lines)."""

    sheet: str | None = None
    header_row: int = Field(default=1, ge=0, le=100)
    ignore: Ignore = Ignore()
    encoding: Literal["utf-8", "utf-8-sig", "gb18030"] | None = None


class Side(_Strict):
    """A second list keyed by record number: a further sheet (``sheet``) or a further file (``files``).

    Attributes:
        key: column with the record number.
        columns: how its columns are read; ``party`` columns give parties, ``to`` columns fill what records left empty.
        version: column with the time of the row; of several rows for one thing the latest counts.
        one_per: columns that, beside the key, make one thing (a party: its type and name).
    """

    sheet: str | None = None
    files: Texts = []
    header_row: int = Field(default=1, ge=1, le=100)
    ignore: Ignore = Ignore()
    encoding: Literal["utf-8", "utf-8-sig", "gb18030"] | None = None
    key: str
    columns: dict[str, ColumnRule]
    version: str | None = None
    one_per: Texts = []

    @model_validator(mode="after")
    def _coherent(self) -> "Side":
        if bool(self.sheet) == bool(self.files):
            raise ValueError("sheet（另一工作表）与 files（另一文件）须写且只写一个")
        for name in [self.key, *([self.version] if self.version else []), *self.one_per]:
            if name not in self.columns:
                raise _FaultAt(("key" if name == self.key else "columns",), f"列“{name}”没有写在 columns 里")
        return self


class Volume(_Strict):
    """When a delivery has far fewer rows than those before it (`sources.volume`). All defaults are 假定.

    Attributes:
        min_deliveries: earlier deliveries that it takes to judge at all.
        min_expected: rows that must be expected; a smaller source is never judged.
        lowest_share: of the rows expected; with fewer a delivery is held. A source that varies much gets less.
        tolerance: how many times its usual variation (of the logarithm) a source may fall short; the more, the fewer
            deliveries are held.
        holiday_factor: times the share on public holidays and around them.
    """

    min_deliveries: int = Field(default=28, ge=7)
    min_expected: int = Field(default=100, ge=10)
    lowest_share: float = Field(default=0.6, ge=0, le=0.95)
    tolerance: float = Field(default=4.5, ge=2, le=20)
    holiday_factor: float = Field(default=0.2, ge=0, le=1)


class Limits(_Strict):
    """The contract proper: a delivery beyond it is held until a person accepts it.

    ``max_rejected_share``: of the data rows, at most this share in quarantine; looked at from ``min_rows`` rows on.
    ``volume``: see `Volume`.
    """

    max_rejected_share: float = Field(default=0.05, ge=0, le=1)
    min_rows: int = Field(default=20, ge=1)
    volume: Volume = Volume()


class Contract(_Strict):
    """One source: `source.yml` as read. ``history``: one delivery spans many days, each record was known a day after
    it was reported. ``coordinates``: system of longitude and latitude as delivered, None if there are none."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    history: bool = False
    coordinates: Literal["wgs84", "gcj02", "bd09", "bd09mc"] | None = None
    files: Texts
    layout: Layout = Layout()
    record_id: str
    missing: Texts = []
    columns: dict[str, ColumnRule]
    sides: dict[str, Side] = {}
    contract: Limits = Limits()

    @model_validator(mode="after")
    def _coherent(self) -> "Contract":
        rule = self.columns.get(self.record_id)
        if rule is None:
            raise _FaultAt(("record_id",), f"所指的列“{self.record_id}”没有写在 columns 里")
        if "source_record_id" not in rule.to or rule.required is not True:
            raise _FaultAt(("columns", self.record_id), "是记录编号，须写 to: source_record_id 与 required: true")
        seen: dict[str, str] = {}
        for name, column in self.columns.items():
            for spelling in [name, *column.aliases]:
                if seen.setdefault(spelling, name) != name:
                    raise _FaultAt(("columns", name), f"列名或别名“{spelling}”也属于“{seen[spelling]}”")
        return self


def names(folder: Path = FOLDER) -> list[str]:
    """Returns the known sources: each subfolder that holds a source.yml, in alphabetical order."""
    return sorted(path.parent.name for path in folder.glob("*/source.yml"))


def load(name: str, folder: Path = FOLDER) -> Contract:
    """Reads and validates ``<folder>/<name>/source.yml``; a server that runs for weeks sees a changed file.

    Raises:
        ContractError: no such source, or the file breaks the model; the sentences name file and line.
    """
    path = folder / name / "source.yml"
    try:
        state = path.stat()
    except OSError as error:
        known = "、".join(names(folder))
        raise ContractError(f"没有名为“{name}”的来源：缺少 {_shown(path)}；已有的来源：{known}") from error
    return _load(name, path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _load(name: str, path: Path, changed: int, size: int) -> Contract:
    """A file of the same time and size is not read again."""
    del changed, size
    contract = parse(path.read_text(encoding="utf-8"), _shown(path))
    if contract.name != name:
        raise ContractError(f"{_shown(path)}：name 写的是“{contract.name}”，应与文件夹名“{name}”一致")
    return contract


def fingerprint(name: str, folder: Path = FOLDER) -> str:
    """Returns 64 hex digits that change with the source's definition (source.yml and parse.py), as it is now."""
    digest = hashlib.sha256()
    for path in (folder / name / "source.yml", folder / name / "parse.py"):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def parse(text: str, shown: str = "source.yml") -> Contract:
    """Validates the text of a source.yml; ``shown`` is the file name that errors carry.

    Raises:
        ContractError: as for `load`, all faults in one message, one line each.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError(f"{shown} 第 {line} 行：不是有效的 YAML（{error.problem}），请检查缩进与引号") from error
    except yaml.YAMLError as error:
        raise ContractError(f"{shown}：不是有效的 YAML（{error}）") from error
    if not isinstance(data, dict):
        raise ContractError(f"{shown} 第 1 行：内容应是“键: 值”的列表，文件现在是空的或不是这种结构")
    lines: dict[tuple[str, ...], int] = {}
    doubled: list[str] = []
    _locate(node, (), lines, doubled)
    if doubled:
        raise ContractError("\n".join(f"{shown} {sentence}" for sentence in doubled))
    try:
        return Contract.model_validate(data)
    except ValidationError as error:
        faults = [
            (*fault["loc"], *getattr((fault.get("ctx") or {}).get("error"), "path", ())) for fault in error.errors()
        ]
        sentences = [
            f"{shown} 第 {_line(lines, where)} 行：{_sentence(fault, where)}"
            for fault, where in zip(error.errors(), faults, strict=True)
        ]
        raise ContractError("\n".join(dict.fromkeys(sentences))) from error


def _locate(node: Any, path: tuple[str, ...], lines: dict[tuple[str, ...], int], doubled: list[str]) -> None:
    """Notes the line of every key and item under ``node``, and every key that stands twice in one mapping."""
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            line = key.start_mark.line + 1
            if here in lines:
                doubled.append(f"第 {line} 行：键“{key.value}”重复（第 {lines[here]} 行已有），请删去其一")
            lines[here] = line
            _locate(value, here, lines, doubled)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _locate(value, (*path, str(number)), lines, doubled)


def _line(lines: Mapping[tuple[str, ...], int], where: tuple[int | str, ...]) -> int:
    """The line of the deepest part of ``where`` that stands in the file."""
    path = tuple(str(part) for part in where)
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path, 1)


_SENTENCES = {
    "missing": "缺少必须写的“{key}”",
    "extra_forbidden": "不认识的设置“{key}”，请检查拼写",
    "string_type": "“{key}”应是文字；数字样的值请加引号",
    "bool_type": "“{key}”应是 true 或 false",
    "bool_parsing": "“{key}”应是 true 或 false",
    "int_parsing": "“{key}”应是整数",
    "int_type": "“{key}”应是整数",
    "float_parsing": "“{key}”应是数字",
    "float_type": "“{key}”应是数字",
    "list_type": "“{key}”应是列表，如 [甲, 乙]",
    "dict_type": "“{key}”应是“键: 值”的结构",
    "model_type": "“{key}”应是“键: 值”的结构，如 {{to: title, type: text}}",
    "string_pattern_mismatch": "“{key}”只能用小写字母、数字与下划线，以字母开头",
    "greater_than_equal": "“{key}”不能小于 {ge}",
    "less_than_equal": "“{key}”不能大于 {le}",
}


def _sentence(fault: Any, where: tuple[int | str, ...]) -> str:
    """One pydantic fault in Chinese. Other faults than those foreseen keep pydantic's English, marked as such."""
    key = ".".join(str(part) for part in where) or "文件"
    context = fault.get("ctx") or {}
    if fault["type"] == "value_error":
        return f"{key}：{context['error']}"
    if fault["type"] == "literal_error":
        allowed = context["expected"].replace(" or ", "、").replace(", ", "、")
        return f"“{key}”的值“{fault['input']}”不在允许之列：{allowed}"
    template = _SENTENCES.get(fault["type"])
    return template.format(key=key, **context) if template else f"“{key}”不合规定（{fault['msg']}）"


def _shown(path: Path) -> str:
    """The path as users know it: from the project's folder on."""
    return "/".join(path.parts[-3:])
