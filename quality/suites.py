"""What good data looks like, declared in YAML: one suite beside each source, four more here for the lake's own tables.

Here: the YAML's grammar, its checking (errors name file and line), and each expectation as SQL over one row. Not here:
running them (`quality.validate` with Great Expectations, `quality.scores` by delivery).
sources/<name>/expectations.yml, quality/*.yml -> Suite

The grammar, for the data team:

    suite: hotline                     # 代码，与来源同名
    label: 12345政务服务便民热线
    table: record                      # record 某来源的每条记录，或 current_event core_dispute core_warning 等
    expectations:
      - name: reported_at_present      # 代码，同一文件内不重复
        says: 来电时间必须填写           # 给人看的一句话
        rule: not_null                 # not_null in_set between matches unique holds
        column: reported_at            # unique 可写 columns: [a, b]；holds 写 check: SQL 表达式（被检查的行叫 item）
        where: is_dispute              # 可省：只对这些行要求，SQL 表达式
        mostly: 0.98                   # 可省：至少这一比例的行满足，默认全部
        severity: error                # error 契约：来源的一次交付明显违反就整批挂起；warn 观察，从不挂起
        hold_below: 0.5                # 可省，只用于来源的 error：一次交付中满足的行少于此比例才挂起，默认 0.5
        dimension: 完整性               # 可省：按 rule 有默认
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

import sources

Rule = Literal["not_null", "in_set", "between", "matches", "unique", "holds"]
Severity = Literal["error", "warn"]

DIMENSIONS = ("完整性", "准确性", "一致性", "及时性", "唯一性", "有效性")  # GB/T 36344-2018
_DEFAULT_DIMENSION = {
    "not_null": "完整性",
    "in_set": "有效性",
    "matches": "有效性",
    "between": "准确性",
    "unique": "唯一性",
    "holds": "一致性",
}
_NEEDS: dict[str, set[str]] = {
    "not_null": {"column"},
    "in_set": {"column", "values"},
    "between": {"column"},
    "matches": {"column", "pattern"},
    "unique": set(),
    "holds": {"check"},
}
_KEYS = {"name", "says", "rule", "column", "columns", "values", "min", "max", "pattern", "check"}
_KEYS |= {"where", "mostly", "severity", "dimension", "hold_below"}
HOLD_BELOW = 0.5  # 假定：一次交付中过半的行违反契约才挂起；少数坏行只报告
TABLES = ("record", "current_event", "core_dispute", "core_dispute_event", "core_warning")
# Values of these columns can tell a person, or are long text: only expressions over them leave the database.
HIDDEN = frozenset(
    {
        "title", "text", "outcome_text", "address", "address_text", "room", "handler", "longitude", "latitude", "x",
        "y", "phone_tokens", "text_published", "title_published",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Expectation:
    """One sentence about the rows of a table; see the module's text for the fields."""

    name: str
    says: str
    rule: Rule
    severity: Severity
    dimension: str
    columns: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    minimum: Any = None
    maximum: Any = None
    pattern: str | None = None
    check: str | None = None
    where: str | None = None
    mostly: float = 1.0
    hold_below: float = HOLD_BELOW

    @property
    def judged_sql(self) -> str:
        """SQL that is true for the rows this expectation speaks about."""
        parts = [f"coalesce(({self.where}), false)"] if self.where else []
        if self.rule == "holds":
            parts.append(f"({self.check}) is not null")
        elif self.rule != "not_null":
            parts += [f"{column} is not null" for column in self.columns]
        return " and ".join(parts) or "true"

    @property
    def met_sql(self) -> str:
        """SQL that is true for a judged row that is as it should be."""
        column = self.columns[0] if self.columns else ""
        if self.rule == "not_null":
            return f"{column} is not null"
        if self.rule == "in_set":
            return f"{column} in ({', '.join(_literal(value) for value in self.values)})"
        if self.rule == "between":
            bounds = [f"{column} >= {_literal(self.minimum)}"] if self.minimum is not None else []
            bounds += [f"{column} <= {_literal(self.maximum)}"] if self.maximum is not None else []
            return " and ".join(bounds)
        if self.rule == "matches":
            return f"regexp_matches({column}, {_literal(self.pattern)})"
        if self.rule == "unique":
            keys = [*self.columns, *([f"coalesce(({self.where}), false)"] if self.where else [])]
            return f"count(*) over (partition by {', '.join(keys)}) = 1"
        return f"({self.check})"


@dataclass(frozen=True)
class Suite:
    """The expectations of one table; ``source`` is None for the lake's own tables."""

    name: str
    label: str
    table: str
    source: str | None
    expectations: tuple[Expectation, ...]

    @property
    def relation_sql(self) -> str:
        """SQL of the rows, to stand in a FROM clause; takes the parameter ``$source`` where the suite has a source."""
        if self.table != "record":
            return f"(select * from {self.table})"
        return f"(\n{_record_sql()}\n)"

    @property
    def parameters(self) -> dict[str, str]:
        """Parameters that `relation_sql` takes."""
        return {} if self.source is None else {"source": self.source}


def load_all() -> list[Suite]:
    """Returns every suite: sources by name, then event, dispute_event, dispute, warning."""
    found = sorted(Path(sources.__file__).parent.glob("*/expectations.yml"))
    own = [Path(__file__).with_name(f"{name}.yml") for name in ("event", "dispute_event", "dispute", "warning")]
    return [load(path) for path in [*found, *own]]


def load(path: Path) -> Suite:
    """Reads one suite.

    Raises:
        ValueError: the file is not as the grammar says; the Chinese sentence names file, line and what to do.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LineLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"第 {mark.line + 1} 行" if mark is not None else "某处"
        raise ValueError(f"{_place(path)} {line}：不是有效的 YAML（{getattr(error, 'problem', error)}）") from error
    if not isinstance(data, dict):
        raise ValueError(f"{_place(path)}：应有 suite、label、table、expectations")
    top_line = data.pop(_LINE, 1)
    for key in ("suite", "label", "table", "expectations"):
        if key not in data:
            raise ValueError(f"{_place(path)} 第 {top_line} 行：缺少 {key}")
    _refuse_unknown(path, top_line, data, {"suite", "label", "table", "expectations"})
    if data["table"] not in TABLES:
        raise ValueError(f"{_place(path)}：table 应是 {'、'.join(TABLES)} 之一，现在是“{data['table']}”")
    expectations = tuple(_expectation(path, data["table"], entry) for entry in data["expectations"])
    names = [expectation.name for expectation in expectations]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"{_place(path)}：name 重复：{'、'.join(doubled)}；每条期望要有自己的 name")
    source = str(data["suite"]) if data["table"] == "record" else None
    return Suite(str(data["suite"]), str(data["label"]), str(data["table"]), source, expectations)


def _expectation(path: Path, table: str, entry: dict[str, Any]) -> Expectation:
    line = entry.pop(_LINE)
    where = f"{_place(path)} 第 {line} 行"
    for key in ("name", "says", "rule", "severity"):
        if key not in entry:
            raise ValueError(f"{where}：这条期望缺少 {key}")
    _refuse_unknown(path, line, entry, _KEYS)
    rule = entry["rule"]
    if rule not in _NEEDS:
        raise ValueError(f"{where}：rule 应是 {'、'.join(_NEEDS)} 之一，现在是“{rule}”")
    missing = sorted(_NEEDS[rule] - set(entry))
    if missing:
        raise ValueError(f"{where}：rule 为 {rule} 时还要写 {'、'.join(missing)}")
    columns = tuple(entry.get("columns") or ([entry["column"]] if "column" in entry else []))
    if rule == "unique" and not columns:
        raise ValueError(f"{where}：rule 为 unique 时还要写 column 或 columns")
    if rule == "between" and entry.get("min") is None and entry.get("max") is None:
        raise ValueError(f"{where}：rule 为 between 时 min 与 max 至少写一个")
    if rule not in ("not_null", "holds") and HIDDEN & set(columns):
        raise ValueError(f"{where}：列 {columns[0]} 含个人信息，只能用 not_null，或用 holds 写成表达式")
    if entry["severity"] not in ("error", "warn"):
        raise ValueError(f"{where}：severity 应是 error 或 warn，现在是“{entry['severity']}”")
    dimension = entry.get("dimension", _DEFAULT_DIMENSION[rule])
    if dimension not in DIMENSIONS:
        raise ValueError(f"{where}：dimension 应是 {'、'.join(DIMENSIONS)} 之一，现在是“{dimension}”")
    mostly = float(entry.get("mostly", 1.0))
    if not 0 < mostly <= 1:
        raise ValueError(f"{where}：mostly 应在 0 与 1 之间，现在是 {mostly}")
    hold_below = float(entry.get("hold_below", HOLD_BELOW))
    if "hold_below" in entry and (table != "record" or entry["severity"] != "error"):
        raise ValueError(f"{where}：hold_below 只用于来源（table: record）的 error")
    if not 0 < hold_below <= mostly:
        raise ValueError(f"{where}：hold_below 应大于 0、不大于 mostly（{mostly}），现在是 {hold_below}")
    return Expectation(
        name=str(entry["name"]),
        says=str(entry["says"]),
        rule=rule,
        severity=entry["severity"],
        dimension=dimension,
        columns=columns,
        values=tuple(entry.get("values", ())),
        minimum=entry.get("min"),
        maximum=entry.get("max"),
        pattern=entry.get("pattern"),
        check=entry.get("check"),
        where=entry.get("where"),
        mostly=mostly,
        hold_below=hold_below,
    )


def _refuse_unknown(path: Path, line: int, entry: Iterable[str], known: set[str]) -> None:
    unknown = sorted(set(entry) - known)
    if unknown:
        raise ValueError(
            f"{_place(path)} 第 {line} 行：不认识 {'、'.join(unknown)}；可写的有 {'、'.join(sorted(known))}"
        )


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


@cache
def _record_sql() -> str:
    return (Path(__file__).parent / "sql" / "record.sql").read_text(encoding="utf-8")


def _place(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


_LINE = "\0line"


class _LineLoader(yaml.SafeLoader):
    """Safe loader that keeps in each mapping the line it stands on."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Builds a mapping with its line under a key that no YAML text can contain."""
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        mapping[_LINE] = node.start_mark.line + 1
        return mapping
