"""What lies on the reviewer's desk: questions in order, records side by side, disputes with their timelines, warnings.

Here: reading the publication for what is shown masked, the restricted zone for what is revealed (and logging that), and
handing acts on. Not here: what an act does (`pipelines.reviewing`), the order of questions
(`transforms.matching.review`), which warnings (`alerts`), how it looks (`server`, `terminal`).
warehouse.duckdb + core_link, core_dispute_event + standing verdicts -> dictionaries of plain values

Everything shown comes from the publication, as masked as analysts see it. Names, addresses and the texts as written are
shown only on demand, event by event, and each look is in `reveal.log`.
"""

import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd

from pipelines import explaining, revealing, reviewing
from pipelines.review import alerts, marks
from pipelines.reviewing import Act, ReviewRefused
from sources import contract
from transforms import areas, category, corrections
from transforms.matching import review, verdicts, waterfall
from transforms.matching.linking import SETTINGS
from transforms.matching.verdicts import PAIR
from transforms.tables import CORE_CORRECTION, CORE_DISPUTE_EVENT, CORE_LINK, CORE_VERDICT, CORE_WARNING_ACT
from transforms.warnings import acts
from warehouse.lake import Lake

TIMELINE = 60
"""Records of a dispute that stand under a pair; the rest is counted."""

WHOLE = 500
"""Records of a dispute that is to be split that are listed; the rest stays with the old dispute."""

FOUND = 30

_SIDES = ("dispute_id_l", "dispute_id_r")
KINDS = {"merge": "两起纠纷要不要合并", "split": "一起纠纷要不要拆开"}
FIELDS = {
    "source": "来源", "source_record_id": "编号", "reported_at": "受理", "occurred_at": "发生", "title": "标题",
    "text": "内容", "place": "地点", "spot": "具体位置", "category": "类别", "parties": "当事人", "amount": "金额",
    "headcount": "人数", "status": "状态", "outcome": "结果", "unit": "承办",
}  # fmt: skip
COMPARED = {"title", "text", "place", "spot", "category", "amount", "headcount"}
ALWAYS_SHOWN = {"source", "source_record_id", "reported_at", "text", "place", "category", "parties", "status"}
LINK_KINDS = {"first": "首次", "repeat": "同人", "same_matter": "异人同事", "transfer": "移送"}
BASES = {
    "source": "来源分类", "text": "文字", "none": "无", "correction": "人工更正",
    "code": "区划编码", "column": "来源列", "address": "地址",
}  # fmt: skip
DOUBTS = {
    "place": "地点存疑（推断或同名）", "no_place": "不知乡镇", "category": "类别不明", "dispute": "判为纠纷而依据少",
}  # fmt: skip
_DOUBT_SQL = {
    "place": "is_dispute AND place_confidence = '低'",
    "no_place": "is_dispute AND town_code IS NULL",
    "category": "is_dispute AND (category_code = '9900' OR category_code LIKE '%99')",
    "dispute": "is_dispute AND coalesce(category_basis, 'none') <> 'source'",
}


class Desk:
    """A reviewer's view of one lake; safe to use from several threads."""

    def __init__(self, lake: Lake, warehouse: Path, *, by: str) -> None:
        """Opens the desk for ``by``; reads nothing yet."""
        self.lake, self.warehouse, self.by = lake, warehouse, by
        self._lock = threading.RLock()
        self._con: duckdb.DuckDBPyConnection | None = None
        self._seen: tuple[int, ...] = ()
        self._link = self._member = pd.DataFrame()
        self._asked: tuple[int, pd.DataFrame] | None = None
        self._mine: list[str] = []
        self._labels = {name: contract.load(name).label for name in contract.names()}

    # ---------------------------------------------------------------------------------------------------- questions
    def queue(self) -> dict[str, Any]:
        """The questions, the weightiest first, and how the work stands."""
        items = [
            {
                "left": row.event_id_l, "right": row.event_id_r, "kind": row.kind, "kind_name": KINDS[row.kind],
                "size_l": int(row.size_l), "size_r": int(row.size_r), "change": round(float(row.change), 2),
                "uncertainty": round(float(row.uncertainty), 3),
                "average": round(float(1 / (1 + 2.0 ** -row.average)), 3),
            }
            for row in self._questions().itertuples(index=False)
        ]  # fmt: skip
        return {"items": items, **self.count()}

    def count(self) -> dict[str, Any]:
        """Whose desk it is, how many acts there are, and how many of them wait for a run."""
        acts = reviewing.given(self.lake)
        return {"by": self.by, "acts": len(acts), "waiting": len(acts - reviewing.taken(self.lake))}

    def pair(self, left: str, right: str, *, reveal: bool = False) -> dict[str, Any]:
        """Two records side by side with the reasons for and against, and the disputes they belong to.

        Raises:
            ReviewRefused: a record is not in the publication.
        """
        with self._lock:
            self._refresh()
            one, other = (self._record(event, reveal=reveal) for event in (left, right))
            fields = []
            for name, label in FIELDS.items():
                if name not in ALWAYS_SHOWN and not one[name] and not other[name]:
                    continue
                cells = _compared(name, one[name], other[name])
                fields.append({"name": name, "label": label, "left": cells[0], "right": cells[1]})
            smaller, larger = sorted((left, right))
            reasons = self._reasons(smaller, larger)
            disputes = [self._dispute_of(event) for event in (left, right)]
            return {
                "left": left, "right": right, "fields": fields, "reasons": reasons,
                "days": _days_between(one["reported_at"], other["reported_at"]) if reasons is None else None,
                "disputes": [self.dispute(name, most=TIMELINE) if name else None for name in disputes],
                "is_one": disputes[0] is not None and disputes[0] == disputes[1],
                "verdict": self._said(smaller, larger),
            }  # fmt: skip

    def bars(self, left: str, right: str) -> dict[str, Any]:
        """What the weight of a pair is made of, bar by bar; seconds, since all records are prepared for it.

        Raises:
            ReviewRefused: one of the two is no dispute's record.
        """
        try:
            explained = explaining.pair(self.lake, self.warehouse, left, right)
        except (LookupError, ValueError) as error:
            raise ReviewRefused(str(error)) from error
        columns = ["part", "label", "says", "value_l", "value_r", "weight", "after"]
        rows = explained.bars[columns].round(3)
        return {
            "bars": rows.astype("object").where(rows.notna(), None).to_dict("records"), "version": explained.version,
            "is_of_model": explained.is_of_model, "probability": waterfall.probability(explained.decided.weight),
        }  # fmt: skip

    # ---------------------------------------------------------------------------------------------------- disputes
    def dispute(self, dispute_id: str, *, reveal: bool = False, most: int = WHOLE) -> dict[str, Any]:
        """A dispute with its records in order, at most ``most`` of them in detail.

        Raises:
            ReviewRefused: no such dispute is published.
        """
        with self._lock:
            self._refresh()
            head = self._rows("SELECT * FROM dispute WHERE dispute_id = ?", dispute_id)
            if not head:
                raise ReviewRefused(f"没有纠纷 {dispute_id}（可能已并入别的纠纷，见视图 dispute_ledger）")
            rows = self._rows(
                """
                SELECT d.event_id, d.source, d.source_record_id, d.link_kind, d.match_probability, d.explanation,
                    d.reported_at, e.title, e.text, e.status, e.town_name, e.estate, e.road
                FROM dispute_event d JOIN event e USING (event_id)
                WHERE d.dispute_id = ? ORDER BY d.reported_at, d.event_id
                """,
                dispute_id,
            )
            plain = self._plain([row["event_id"] for row in rows[:most]]) if reveal else {}
            shown = [
                {
                    "event_id": row["event_id"], "source": self._label(row["source"]),
                    "number": row["source_record_id"], "at": _moment(row["reported_at"]),
                    "title": _title(plain.get(row["event_id"], row)),
                    "kind": LINK_KINDS.get(row["link_kind"], row["link_kind"]), "why": row["explanation"],
                    "probability": row["match_probability"], "status": row["status"],
                    "place": "".join(part for part in (row["town_name"], row["estate"] or row["road"]) if part),
                }
                for row in rows[:most]
            ]  # fmt: skip
            one = head[0]
            return {
                "dispute_id": dispute_id, "title": one["title"], "category": one["category_name"],
                "place": "".join(one[name] or "" for name in ("county_name", "town_name", "village_name")),
                "status": one["status"], "risk": one["risk_level"], "size": len(rows),
                "recurrence_of": one["recurrence_of"], "records": shown,
                "events": [row["event_id"] for row in rows],
            }  # fmt: skip

    def find(self, text: str) -> list[dict[str, Any]]:
        """Disputes by number, record number or words of the title; without words those that are least sure.

        Least sure are those about which questions are asked, ordered by what their verdicts would change together;
        ``change`` is that, in record pairs.
        """
        text = text.strip()
        asked = self._questions()
        sides = pd.concat(
            [asked[[name, "change"]].set_axis(["dispute_id", "change"], axis=1) for name in _SIDES], ignore_index=True
        )  # fmt: skip
        whole = asked["dispute_id_l"] == asked["dispute_id_r"]  # both sides of a split are one dispute
        sides = sides[~np.concatenate([np.zeros(len(asked), bool), whole])]
        change = sides.groupby("dispute_id")["change"].sum()
        with self._lock:
            self._refresh()
            assert self._con is not None
            self._con.register("doubt", change.reset_index())
            rows = self._rows(
                f"""
                SELECT dispute_id, title, category_name, county_name, town_name, status, event_count, last_reported_at,
                    change
                FROM dispute LEFT JOIN doubt USING (dispute_id)
                WHERE $text = '' OR dispute_id = $text OR contains(coalesce(title, ''), $text)
                    OR dispute_id IN (
                        SELECT dispute_id FROM dispute_event WHERE event_id = $text OR source_record_id = $text
                    )
                ORDER BY coalesce(change, 0) DESC, event_count DESC, last_reported_at DESC, dispute_id LIMIT {FOUND}
                """,
                {"text": text},
            )
            self._con.unregister("doubt")
        return [
            {
                "change": round(float(row["change"] or 0), 1),
                "dispute_id": row["dispute_id"], "title": row["title"], "category": row["category_name"],
                "place": (row["county_name"] or "") + (row["town_name"] or ""), "status": row["status"],
                "size": row["event_count"], "at": _moment(row["last_reported_at"]),
            }
            for row in rows
        ]  # fmt: skip

    # --------------------------------------------------------------------------------------------------- corrections
    def records(self, text: str, doubt: str) -> list[dict[str, Any]]:
        """Records by number or words, or those of which something is in doubt (a key of `DOUBTS`)."""
        text = text.strip()
        where = (
            "event_id = $text OR source_record_id = $text OR contains(coalesce(title, '') || coalesce(text, ''), $text)"
        )
        if not text:
            where = _DOUBT_SQL.get(doubt, _DOUBT_SQL["place"])
        with self._lock:
            self._refresh()
            rows = self._rows(
                f"""
                SELECT event_id, source, source_record_id, reported_at, title, left(text, 60) AS text, is_dispute,
                    category_name, county_name, town_name, village_name
                FROM event WHERE {where} ORDER BY reported_at DESC, event_id LIMIT {FOUND}
                """,
                {"text": text} if text else {},
            )
        return [
            {
                "event_id": row["event_id"], "source": self._label(row["source"]), "number": row["source_record_id"],
                "at": _moment(row["reported_at"]), "title": _title(row),
                "is_dispute": bool(row["is_dispute"]), "category": row["category_name"],
                "place": "".join(row[name] or "" for name in ("county_name", "town_name", "village_name")),
            }
            for row in rows
        ]  # fmt: skip

    def record(self, event_id: str, *, reveal: bool = False) -> dict[str, Any]:
        """One record with what may be corrected and what was.

        Raises:
            ReviewRefused: it is not in the publication.
        """
        with self._lock:
            self._refresh()
            shown = self._record(event_id, reveal=reveal)
            now = self._rows(
                """
                SELECT is_dispute, not_dispute_reason, decision_basis, category_code, category_basis, county_code,
                    town_code, village_code, place_basis, place_confidence
                FROM event WHERE event_id = ?
                """,
                event_id,
            )[0]
            held = corrections.standing(self.lake.read(CORE_CORRECTION))
        mine = held[held["event_id"] == event_id]
        said = {row.field: row for row in mine.itertuples(index=False)}
        when = {name: f"{row.corrected_by} {row.corrected_at:%m-%d %H:%M}" for name, row in said.items()}
        present = {
            "is_dispute": "true" if now["is_dispute"] else "false",
            "category_code": now["category_code"],
            "area_code": now["village_code"] or now["town_code"] or now["county_code"],
        }
        basis = {
            "is_dispute": now["not_dispute_reason"] or now["decision_basis"],
            "category_code": BASES.get(now["category_basis"], now["category_basis"]),
            "area_code": "、".join(BASES.get(part, part) for part in (now["place_basis"] or "none").split("+"))
            + (f"，可靠程度 {now['place_confidence']}" if now["place_confidence"] else ""),
        }
        return {
            "event_id": event_id,
            "fields": [{"label": FIELDS[name], "value": shown[name]} for name in FIELDS if shown[name]],
            "correct": [
                {
                    "field": name, "label": label, "value": said[name].value if name in said else present[name],
                    "name": corrections.name_of(name, said[name].value if name in said else present[name]),
                    "basis": basis[name],
                    "said": when.get(name),
                    "number": said[name].correction_id if name in said else None,
                }
                for name, label in corrections.FIELDS.items()
            ],
        }  # fmt: skip

    # ------------------------------------------------------------------------------------------------------- warnings
    def alerts(self, area: str, day: str, which: str) -> dict[str, Any]:
        """The warnings of an area on a day (ISO; empty: the last), see `alerts.listed`, and what may be chosen.

        Raises:
            ReviewRefused: no such area or day.
        """
        with self._lock:
            self._refresh()
            assert self._con is not None
            last = alerts.last_day(self._con)
            try:
                when = datetime.fromisoformat(day).date() if day else last
            except ValueError as error:
                raise ReviewRefused(f"“{day}”不是日期；应如 {last}") from error
            code = alerts.area_of(area) if area else None
            said = self.lake.read(CORE_WARNING_ACT)
            found = alerts.listed(self._con, said, which=which or "told", area=code, day=when)
            areas_told = alerts.recipients(self._con)
        return {
            "items": found[: alerts.MOST], "count": len(found), "day": str(when), "last": str(last),
            "area": code or areas_told[0][0], "areas": areas_told,
        }  # fmt: skip

    def alert(self, warning_id: str) -> dict[str, Any]:
        """One warning with its course, its notices, and its records; see `alerts.shown`.

        Raises:
            ReviewRefused: no such warning is published.
        """
        with self._lock:
            self._refresh()
            assert self._con is not None
            one = alerts.shown(self._con, self.lake.read(CORE_WARNING_ACT), warning_id)
        records = [record | {"source": self._label(record["source"])} for record in one["records"]]
        return one | {"records": records}

    def speak(self, warning_id: str, what: str, why: str | None) -> Act:
        """Writes what the reviewer says of a warning: 签收, or 属实, 不实, 已知; see `reviewing.speak`."""
        kind, judgement = ("acknowledge", None) if what == acts.KINDS["acknowledge"] else ("judge", what)
        with self._lock:
            return self._kept(
                reviewing.speak(
                    self.lake, warning_id, kind, by=self.by, at=now(), judgement=judgement, note=why
                )
            )  # fmt: skip

    # ----------------------------------------------------------------------------------------------------------- acts
    def judge(self, left: str, right: str, verdict: str, why: str | None) -> Act:
        """Writes a verdict on a pair; see `reviewing.judge`."""
        if verdict not in verdicts.VERDICTS:
            raise ReviewRefused(f"没有“{verdict}”这种裁定")
        return self._act(verdicts.pairs([left], [right], verdict), "pair", why)

    def split(self, dispute_id: str, apart: list[str], why: str | None) -> Act:
        """Splits the records ``apart`` from the rest of their dispute."""
        whole = self.dispute(dispute_id)["events"]
        if not set(apart) <= set(whole):
            raise ReviewRefused("勾选的记录不都属于这起纠纷，请刷新后再拆")
        rest = [event for event in whole if event not in set(apart)]
        if not rest or not apart:
            raise ReviewRefused("请勾选要拆出的记录：至少一条，也不能是全部")
        return self._act(verdicts.split([apart, rest]), "split", why)

    def merge(self, disputes: list[str], why: str | None) -> Act:
        """Merges whole disputes."""
        if len(set(disputes)) < 2:
            raise ReviewRefused("请选两起不同的纠纷")
        events = [event for name in disputes for event in self.dispute(name)["events"]]
        return self._act(verdicts.merge(events), "merge", why)

    def correct(self, event_id: str, field: str, value: str, why: str | None) -> Act:
        """Writes a correction; see `reviewing.correct`."""
        with self._lock:
            return self._kept(reviewing.correct(self.lake, event_id, field, value, by=self.by, at=now(), reason=why))

    def withdraw(self, number: str, why: str | None = None) -> Act:
        """Takes an act back, whoever gave it."""
        with self._lock:
            done = reviewing.withdraw(self.lake, number, by=self.by, at=now(), reason=why)
            self._mine = [each for each in self._mine if each != number]
            return done

    def undo(self) -> str:
        """Takes the last act of this sitting back and returns its id.

        Raises:
            ReviewRefused: there is none left.
        """
        with self._lock:
            if not self._mine:
                raise ReviewRefused("本次没有可撤销的裁定；更早的请在“已作出”中撤回")
            number = self._mine[-1]
            self.withdraw(number, "撤销")
            return number

    def acts(self, most: int = 200) -> list[dict[str, Any]]:
        """What was decided, the last first."""
        with self._lock:
            found = reviewing.acts(self.lake)
        found = found.head(most).assign(at=found["at"].map(_moment))
        return list(found.astype("object").where(found.notna(), None).to_dict("records"))

    def choices(self) -> dict[str, Any]:
        """The categories and areas that a record may be corrected to."""
        classes = category.table().query("level == 2")
        places = areas.table().query("level != 'city'")
        return {
            "category_code": list(zip(classes["category_code"], classes["full_name"], strict=True)),
            "area_code": list(zip(places["area_code"], places["full_name"], strict=True)),
            "doubts": list(DOUBTS.items()),
        }

    def close(self) -> None:
        """Lets the publication go."""
        with self._lock:
            if self._con is not None:
                self._con.close()
                self._con = None

    # -------------------------------------------------------------------------------------------------------- reading
    def _questions(self) -> pd.DataFrame:
        with self._lock:
            self._refresh()
            version = self.lake.version(CORE_VERDICT.name)
            if self._asked is None or self._asked[0] != version:  # half a minute in the largest lakes
                held = verdicts.standing(self.lake.read(CORE_VERDICT))
                self._asked = version, review.queue(self._link, self._member, held, SETTINGS["clusters"])
            return self._asked[1]

    def _act(self, said: pd.DataFrame, kind: str, why: str | None) -> Act:
        with self._lock:
            return self._kept(reviewing.judge(self.lake, said, kind=kind, by=self.by, at=now(), reason=why))

    def _kept(self, done: Act) -> Act:
        if done.is_new:
            self._mine.append(done.number)
        return done

    def _refresh(self) -> None:
        """Opens the publication anew, and reads links and membership anew, once a run has replaced them."""
        if not self.warehouse.exists():
            raise ReviewRefused(f"{self.warehouse} 不存在：还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
        stat = self.warehouse.stat()
        versions = (self.lake.version(CORE_LINK.name), self.lake.version(CORE_DISPUTE_EVENT.name))
        seen = (stat.st_mtime_ns, stat.st_ino, *versions)
        if seen == self._seen and self._con is not None:
            return
        self.close()  # DuckDB hands out an open file again by its name, and this name means another file now
        self._con = duckdb.connect(str(self.warehouse), read_only=True)
        self._link = self.lake.read(CORE_LINK, columns=[*PAIR, "match_weight", "decided_by"])
        self._member = self.lake.read(CORE_DISPUTE_EVENT, columns=["event_id", "dispute_id", "recurrence_of"])
        self._seen, self._asked = seen, None

    def _rows(self, query: str, parameters: Any = None) -> list[dict[str, Any]]:
        assert self._con is not None
        given = [parameters] if isinstance(parameters, str) else parameters
        frame = self._con.execute(query, given).df()
        return list(frame.astype("object").where(frame.notna(), None).to_dict("records"))

    def _record(self, event_id: str, *, reveal: bool) -> dict[str, str | None]:
        found = self._rows("SELECT * FROM event WHERE event_id = ?", event_id)
        if not found:
            raise ReviewRefused(f"发布中没有记录 {event_id}；请先运行 dispute-lake run")
        row = found[0]
        party = self._rows(
            "SELECT role, kind, name_masked FROM event_party WHERE event_id = ? AND name_masked IS NOT NULL "
            "ORDER BY role, name_masked",
            event_id,
        )
        spot = [row[name] for name in ("road", "estate", "hamlet") if row[name]]
        spot += [f"{row['group_number']}组"] if row["group_number"] else []
        shown: dict[str, str | None] = {
            "source": self._label(row["source"]), "source_record_id": row["source_record_id"],
            "reported_at": _moment(row["reported_at"]), "occurred_at": _moment(row["occurred_at"]),
            "title": row["title"], "text": row["text"],
            "place": "".join(row[name] or "" for name in ("county_name", "town_name", "village_name")),
            "spot": " ".join(spot), "category": row["category_name"], "parties": _people(party),
            "amount": f"{row['amount']:,.0f} 元" if row["amount"] else None,
            "headcount": f"{int(row['headcount'])} 人" if row["headcount"] else None,
            "status": row["status"], "outcome": row["outcome"], "unit": row["handling_unit"],
        }  # fmt: skip
        return shown | self._plain([event_id])[event_id] if reveal else shown

    def _plain(self, events: list[str]) -> dict[str, dict[str, str | None]]:
        """Title, text, address and names as the sources wrote them, by event; the look is logged first."""
        revealing.log_look(self.lake, events, by=self.by, reason="裁定时查看原文")
        asked = pd.DataFrame({"event_id": pd.Series(events, dtype="str")})
        with self.lake.connect() as con:
            con.register("asked", asked)
            event = con.execute(
                "SELECT event_id, title, text, address FROM current_event SEMI JOIN asked USING (event_id)"
            ).fetchall()
            party = con.execute(
                "SELECT DISTINCT event_id, role, kind, name AS name_masked FROM current_party "
                "SEMI JOIN asked USING (event_id) WHERE name IS NOT NULL ORDER BY ALL"
            ).df()
        people = {name: _people(rows.to_dict("records")) for name, rows in party.groupby("event_id")}
        return {
            name: {"title": title, "text": text, "parties": people.get(name, "")}
            | ({"spot": address} if address else {})
            for name, title, text, address in event
        }

    def _dispute_of(self, event_id: str) -> str | None:
        found = self._rows("SELECT dispute_id FROM dispute_event WHERE event_id = ?", event_id)
        return found[0]["dispute_id"] if found else None

    def _reasons(self, smaller: str, larger: str) -> dict[str, Any] | None:
        assert self._con is not None
        found = self._con.execute(
            "SELECT explanation, match_probability, match_weight, decided_by FROM link "
            "WHERE event_id_l = ? AND event_id_r = ?",
            [smaller, larger],
        ).fetchone()
        if found is None:
            return None
        decided = {"number": "官方编号", "model": "模型", "verdict": "人工裁定"}[found[3]]
        return {"why": found[0].split("；"), "probability": found[1], "weight": found[2], "decided_by": decided}

    def _said(self, smaller: str, larger: str) -> dict[str, Any] | None:
        held = verdicts.standing(self.lake.read(CORE_VERDICT))
        mine = held[(held[PAIR[0]] == smaller) & (held[PAIR[1]] == larger)]
        if mine.empty:
            return None
        row = mine.iloc[0]
        return {"number": row["verdict_id"], "verdict": row["verdict"], "by": row["decided_by"],
                "at": _moment(row["decided_at"]), "name": verdicts.VERDICTS[row["verdict"]]}  # fmt: skip

    def _label(self, source: str) -> str:
        return self._labels.get(source, source)


def now() -> datetime:
    """The time of an act, local, without an offset, as the lake keeps times."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)


def _compared(name: str, left: str | None, right: str | None) -> tuple[marks.Pieces, marks.Pieces]:
    """The pieces of a field: persons one by one, texts by their parts, numbers and times without any mark."""
    if name == "parties":
        lists = ([tuple(each.partition("（")) for each in (side or "").split("、") if each] for side in (left, right))
        return marks.compare_lists(*([(who, mark + role) for who, mark, role in side] for side in lists))
    return marks.compare(left, right) if name in COMPARED else (marks.plain(left), marks.plain(right))


def _moment(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else f"{value:%Y-%m-%d %H:%M}"


def _title(row: Mapping[str, Any]) -> str | None:
    """What a list shows of a record: its title, or the beginning of its text."""
    text: str | None = row["title"] or row["text"]
    return text if text is None or len(text) <= 60 else text[:60] + "…"


def _people(parties: list[dict[str, Any]]) -> str:
    roles = {"reporter": "反映", "respondent": "被反映", "applicant": "申请", "party": "当事", "mentioned": "提到"}
    told = (f"{row['name_masked']}（{roles.get(row['role'], row['role'])}）" for row in parties)
    return "、".join(dict.fromkeys(told))


def _days_between(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return None
    gap = abs(datetime.fromisoformat(one) - datetime.fromisoformat(other))
    return f"相隔 {gap.days} 天" if gap.days else f"相隔 {gap.seconds // 3600} 小时"
