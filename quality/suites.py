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
        rule: not_null                 # not_null in_set between matches unique holds refers_to volume drift，见下
        column: reported_at            # unique 可写 columns: [a, b]；holds 写 check: SQL 表达式（被检查的行叫 item）
        where: is_dispute              # 可省：只对这些行要求，SQL 表达式
        mostly: 0.98                   # 可省：至少这一比例的行满足，默认全部
        severity: error                # error 契约：来源的一次交付明显违反就整批挂起；warn 观察，从不挂起
        hold_below: 0.5                # 可省，只用于来源的 error：一次交付中满足的行少于此比例才挂起，默认 0.5
        dimension: 完整性               # 可省：按 rule 有默认

refers_to 要求编号指向湖中有的东西：

      - {rule: refers_to, column: recurrence_of, to: dispute, …}    # to: event dispute record（任一来源的记录编号）
      - {rule: refers_to, reference: transfer, pattern: "^[0-9]+$", …}
                                       # reference: 来源写明的编号 earlier 旧单 repeat_of 重复 related 关联
                                       # transfer 移送；
                                       # pattern 可省：湖中没有、但像这样的编号也算（那个系统的数据未必都在湖中）

volume 与 drift 看来源的交付，不看单行，只作观察（severity: warn）：

      - {rule: volume, window: 7, baseline: 56, limit: 4, …}
                                       # 最近 window 次交付的行数，各与此前至多 baseline 次、同一星期几相比；
                                       # limit 是平常偏差的倍数。算法见 quality/volume.py
      - {rule: drift, column: status, where: is_first_version, window: 7, baseline: 56, limit: 0.01, min_rows: 50, …}
                                       # 最近 window 次交付中此列的分布（空也算一种值）与此前至多 baseline 次相比；
                                       # limit 是 Jensen–Shannon 散度，两边各不足 min_rows 行不判断。见 quality/drift.py
                                       # history: true 的来源一次交付含多日，按受理日代替交付
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

import sources
from quality import drift, volume

Rule = Literal["not_null", "in_set", "between", "matches", "unique", "holds", "refers_to", "volume", "drift"]
Severity = Literal["error", "warn"]

DIMENSIONS = ("完整性", "准确性", "一致性", "及时性", "唯一性", "有效性")  # GB/T 36344-2018
_DEFAULT_DIMENSION = {
    "not_null": "完整性",
    "in_set": "有效性",
    "matches": "有效性",
    "between": "准确性",
    "unique": "唯一性",
    "holds": "一致性",
    "refers_to": "一致性",
    "volume": "完整性",
    "drift": "一致性",
}
_NEEDS: dict[str, set[str]] = {
    "not_null": {"column"},
    "in_set": {"column", "values"},
    "between": {"column"},
    "matches": {"column", "pattern"},
    "unique": set(),
    "holds": {"check"},
    "refers_to": set(),
    "volume": set(),
    "drift": {"column"},
}
TREND_RULES = frozenset({"volume", "drift"})
_OWN_KEYS = {
    "volume": frozenset({"window", "baseline", "limit"}),
    "drift": frozenset({"window", "baseline", "limit", "min_rows"}),
    "refers_to": frozenset({"reference", "to"}),
}
REFERENCES = ("earlier", "repeat_of", "related", "transfer")
_KNOWN = {
    "event": "select event_id from core_event",
    "dispute": "select dispute_id from core_dispute",
    "record": "select source_record_id from core_event",
}
_KEYS = {"name", "says", "rule", "column", "columns", "values", "min", "max", "pattern", "check"}
_KEYS |= {"where", "mostly", "severity", "dimension", "hold_below", *set().union(*_OWN_KEYS.values())}
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
    reference: str | None = None
    to: str | None = None
    trend: volume.Settings | drift.Settings | None = None

    @property
    def judged_sql(self) -> str:
        """SQL that is true for the rows this expectation speaks about."""
        parts = [f"coalesce(({self.where}), false)"] if self.where else []
        if self.rule == "holds":
            parts.append(f"({self.check}) is not null")
        elif self.reference is not None:
            parts.append(f"{self.reference}_numbers is not null")
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
        if self.rule == "refers_to":
            return self._referred_sql
        if self.rule == "unique":
            keys = [*self.columns, *([f"coalesce(({self.where}), false)"] if self.where else [])]
            return f"count(*) over (partition by {', '.join(keys)}) = 1"
        return f"({self.check})"

    @property
    def _referred_sql(self) -> str:
        if self.reference is None:
            column = self.columns[0]
            alike = f" or regexp_matches({column}, {_literal(self.pattern)})" if self.pattern else ""
            return f"({column} in ({_KNOWN[str(self.to)]}){alike})"
        unknown = f"coalesce({self.reference}_unknown, [])"
        if self.pattern:
            unknown = f"list_filter({unknown}, lambda number: not regexp_matches(number, {_literal(self.pattern)}))"
        return f"len({unknown}) = 0"


@dataclass(frozen=True)
class Suite:
    """The expectations of one table; ``source`` is None for the lake's own tables."""

    name: str
    label: str
    table: str
    source: str | None
    expectations: tuple[Expectation, ...]

    @property
    def of_rows(self) -> tuple[Expectation, ...]:
        """The expectations that every single row meets or not."""
        return tuple(each for each in self.expectations if each.rule not in TREND_RULES)

    @property
    def of_deliveries(self) -> tuple[Expectation, ...]:
        """The expectations that compare deliveries: `volume` and `drift`."""
        return tuple(each for each in self.expectations if each.rule in TREND_RULES)

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


OWN = ("event", "dispute_event", "dispute", "warning")
"""Suites of the lake's own tables."""


def names() -> list[str]:
    """Returns the names of all suites without reading one: sources by name, then `OWN`."""
    return [*(path.parent.name for path in _of_sources()), *OWN]


def load_all() -> list[Suite]:
    """Returns every suite, in the order of `names`."""
    return [load(path) for path in [*_of_sources(), *(Path(__file__).with_name(f"{name}.yml") for name in OWN)]]


def _of_sources() -> list[Path]:
    return sorted(Path(sources.__file__).parent.glob("*/expectations.yml"))


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
    trend = _trend(where, table, rule, entry)
    _check_reference(where, table, rule, entry)
    if rule not in ("not_null", "holds", "drift") and HIDDEN & set(columns):
        raise ValueError(f"{where}：列 {columns[0]} 含个人信息，只能用 not_null，或用 holds 写成表达式")
    if entry["severity"] not in ("error", "warn"):
        raise ValueError(f"{where}：severity 应是 error 或 warn，现在是“{entry['severity']}”")
    dimension = entry.get("dimension", _DEFAULT_DIMENSION[rule])
    if dimension not in DIMENSIONS:
        raise ValueError(f"{where}：dimension 应是 {'、'.join(DIMENSIONS)} 之一，现在是“{dimension}”")
    mostly = float(entry.get("mostly", 1.0))
    if not 0 < mostly <= 1:
        raise ValueError(f"{where}：mostly 应在 0 与 1 之间，现在是 {mostly}")
    hold_below = float(entry.get("hold_below", min(HOLD_BELOW, mostly)))
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
        reference=entry.get("reference"),
        to=entry.get("to"),
        trend=trend,
    )


def _trend(where: str, table: str, rule: str, entry: dict[str, Any]) -> volume.Settings | drift.Settings | None:
    for other, keys in _OWN_KEYS.items():
        astray = sorted(keys & set(entry) - _OWN_KEYS.get(rule, frozenset()))
        if other != rule and astray:
            raise ValueError(f"{where}：rule 为 {rule} 时不能写 {'、'.join(astray)}，那是 {other} 用的")
    if rule not in TREND_RULES:
        return None
    if rule == "volume" and {"where", "column", "columns"} & set(entry):
        raise ValueError(f"{where}：volume 不能写 where、column：它数每次交付的全部行")
    if table != "record" or entry["severity"] != "warn":
        raise ValueError(f"{where}：{rule} 只用于来源（table: record），而且 severity 只能是 warn")
    given = {key: entry[key] for key in sorted(_OWN_KEYS[rule] & set(entry))}
    for key, value in given.items():
        whole = key != "limit"
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value <= 0:
            raise ValueError(f"{where}：{key} 应是大于 0 的{'整数' if whole else '数'}，现在是“{value}”")
    return volume.Settings(**given) if rule == "volume" else drift.Settings(**given)


def _check_reference(where: str, table: str, rule: str, entry: dict[str, Any]) -> None:
    if rule != "refers_to":
        return
    if ("reference" in entry) == ("column" in entry):
        raise ValueError(f"{where}：rule 为 refers_to 时写 column 与 to，或写 reference，只写一种")
    if "reference" in entry and (table != "record" or entry["reference"] not in REFERENCES or "to" in entry):
        raise ValueError(f"{where}：reference 应是 {'、'.join(REFERENCES)} 之一，只用于来源（table: record），不写 to")
    if "column" in entry and entry.get("to") not in _KNOWN:
        raise ValueError(f"{where}：to 应是 {'、'.join(_KNOWN)} 之一，现在是“{entry.get('to')}”")


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
