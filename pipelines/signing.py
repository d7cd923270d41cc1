"""Signing deliveries: what a person looked at, as it stands in the lake, and what they decided.

Here: finding the deliveries that are meant, refusing what cannot be signed, writing signatures. Not here: what a
signature covers (`quality.signatures`), the page (`stages.refresh_page`), what is printed (`commands`).
raw_file, core_event + a person's decision -> core_signature -> the page
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

import pandas as pd

from pipelines.stages import refresh_page
from quality import signatures
from transforms.tables import CORE_SIGNATURE
from warehouse.lake import Lake

_SPAN = re.compile(r"([^/\s]+)/(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?")


class SignRefused(ValueError):
    """Nothing was signed; the message is a sentence for the user."""


@dataclass(frozen=True)
class Span:
    """Deliveries of one source from ``first`` to ``last``, as a person names them: ``hotline/2025-03-02``."""

    source: str
    first: date
    last: date

    @classmethod
    def of(cls, text: str) -> "Span":
        """Reads ``SOURCE/DATE`` or ``SOURCE/DATE..DATE``.

        Raises:
            SignRefused: it is neither.
        """
        found = _SPAN.fullmatch(text.strip())
        try:
            if found is None:
                raise ValueError
            first = date.fromisoformat(found[2])
            last = date.fromisoformat(found[3]) if found[3] else first
        except ValueError as error:
            raise SignRefused(
                f"“{text}”不是交付；应写 来源/日期，如 hotline/2025-03-02，或 来源/起日..止日，如 "
                "hotline/2025-03-02..2025-03-08"
            ) from error
        if last < first:
            raise SignRefused(f"“{text}”的止日早于起日")
        return cls(found[1], first, last)


@dataclass(frozen=True)
class Signed:
    """What came of signing: deliveries (or files) signed now, and those signed just so before."""

    fresh: pd.DataFrame
    before: pd.DataFrame


def account(lake: Lake) -> pd.DataFrame:
    """The files that the lake holds, with the fingerprint of their delivery's content, by date, source and file."""
    files = lake.read("raw_file").rename(columns={"signature": "content_signature"})
    return files.sort_values(["delivery_date", "source", "file"], ignore_index=True)


def chosen(files: pd.DataFrame, spans: Sequence[Span], file: str | None = None) -> pd.DataFrame:
    """The files that ``spans`` mean; with ``file`` that one alone.

    Raises:
        SignRefused: a span is met by no delivery, or the delivery has no such file; the sentence says what there is.
    """
    kept = []
    for span in spans:
        mine = files.loc[files["source"] == span.source]
        if mine.empty:
            names = sorted(set(files["source"]))
            near = get_close_matches(span.source, names, 1)
            hint = f"，是否指 {near[0]}？" if near else "；"
            raise SignRefused(f"湖中没有来源 {span.source} 的交付{hint}有交付的来源：{'、'.join(names) or '无'}")
        here = mine.loc[(mine["delivery_date"] >= span.first) & (mine["delivery_date"] <= span.last)]
        if here.empty:
            days = sorted(set(mine["delivery_date"]), key=lambda day: (abs((day - span.first).days), day))[:3]
            told = "、".join(str(day) for day in sorted(days))
            dates = str(span.first) if span.first == span.last else f"{span.first} 至 {span.last}"
            raise SignRefused(f"湖中没有 {span.source} {dates} 的交付；最近的有 {told}")
        kept.append(here)
    found = pd.concat(kept).drop_duplicates(["source", "delivery_date", "file"]) if kept else files.iloc[:0]
    if file is None:
        return found
    if found[["source", "delivery_date"]].drop_duplicates().shape[0] != 1:
        raise SignRefused("--file 只能与一批交付一起用")
    named = found.loc[found["file"] == file]
    if named.empty:
        raise SignRefused(f"这批交付里没有文件“{file}”；有：{'、'.join(found['file'])}")
    return named


def clean(lake: Lake, files: pd.DataFrame) -> pd.DataFrame:
    """Those of ``files`` whose whole delivery leaves nothing to decide.

    Every file of it was accepted, no row was quarantined, nothing odd was found, and no value was outside the codes.
    """
    key = ["source", "delivery_date"]
    with lake.connect() as con:
        unknown = con.execute(
            "SELECT DISTINCT source, delivery_date FROM core_event WHERE len(unknown_codes) > 0"
        ).fetchall()
    is_odd = (files["status"] != "accepted") | (files["rows_quarantined"] > 0) | (files["findings"] != "[]")
    odd = set(zip(*(files.loc[is_odd, name] for name in key), strict=True)) | set(unknown)
    return files.loc[[each not in odd for each in zip(*(files[name] for name in key), strict=True)]]


def sign(
    lake: Lake, files: pd.DataFrame, *, decision: str, by: str, note: str | None, at: datetime, by_file: bool = False
) -> Signed:
    """Writes a signature for each delivery of ``files``, or with ``by_file`` for each file, and the page anew.

    One that the same person gave before, with the same decision and note for the same content, and that still is the
    last, is not written again.

    Raises:
        warehouse.lake.LakeBusy: a run holds the lake.
        SignRefused: a delivery came again since ``files`` was read.
    """
    with lake.lock():
        now = account(lake)
        keys = ["source", "delivery_date", "content_signature"]
        wanted = files if by_file else files.drop_duplicates(["source", "delivery_date"]).assign(file=None)
        if len(wanted[keys].merge(now[keys].drop_duplicates(), on=keys)) != len(wanted):
            raise SignRefused("其间有交付重新读入，内容已变；请重新查看后再签")
        last = _last(lake.read(CORE_SIGNATURE))
        row = {"decision": decision, "signed_by": by, "note": note or None, "signed_at": at}
        asked = wanted[[*keys, "file"]].assign(**row)
        same = [_identity(each) in last for each in asked.itertuples(index=False)]
        fresh = asked.loc[[not each for each in same]]
        if len(fresh):
            lake.append(CORE_SIGNATURE, fresh)
            refresh_page(lake)
    return Signed(fresh=fresh, before=asked.loc[same])


def _last(signed: pd.DataFrame) -> set[tuple[object, ...]]:
    """The last signature of each content, whole or file, as it is compared."""
    ordered = signed.assign(place=signed["file"].fillna("")).sort_values("signed_at", kind="stable")
    last = ordered.drop_duplicates(["source", "delivery_date", "content_signature", "place"], keep="last")
    return {_identity(each) for each in last.itertuples(index=False)}


def _identity(row: object) -> tuple[object, ...]:
    names = ("source", "delivery_date", "content_signature", "file", "decision", "signed_by", "note")
    values = [getattr(row, name) for name in names]
    return tuple(None if pd.isna(value) else value for value in values)


def among(files: pd.DataFrame, deliveries: pd.DataFrame, source: str | None) -> pd.DataFrame:
    """Those of ``files`` that belong to one of ``deliveries``, and with ``source`` to it."""
    meant = set(zip(deliveries["source"], pd.to_datetime(deliveries["delivery_date"]).dt.date, strict=True))
    keys = zip(files["source"], files["delivery_date"], strict=True)
    return files.loc[[each in meant and source in (None, each[0]) for each in keys]]


def listed(lake: Lake, *, source: str | None, day: date | None, by: str | None) -> pd.DataFrame:
    """Signatures, the last first, for the terminal; also those that no publication shows yet."""
    signed = lake.read(CORE_SIGNATURE)
    present = account(lake)[["source", "delivery_date", "content_signature"]].drop_duplicates()
    signed = signed.merge(present.assign(is_current=True), how="left")
    for name, wanted in (("source", source), ("delivery_date", day), ("signed_by", by)):
        if wanted is not None:
            signed = signed.loc[signed[name] == wanted]
    signed = signed.sort_values(["signed_at", "source", "delivery_date"], ascending=[False, True, True], kind="stable")
    return pd.DataFrame(
        {
            "签字时间": signed["signed_at"].dt.floor("s").astype("str"),
            "来源": signed["source"],
            "交付日期": signed["delivery_date"],
            "文件": signed["file"].fillna("整批"),
            "决定": signed["decision"].map(signatures.DECISIONS),
            "签字人": signed["signed_by"],
            "说明": signed["note"],
            "所签内容": signed["is_current"].isna().map({False: "现行", True: "已变，须重签"}),
        }
    )


def unsigned(files: pd.DataFrame, signature: pd.DataFrame) -> pd.DataFrame:
    """Deliveries that nobody has signed in their present content, with what is odd about them, for the terminal.

    Args:
        files: rows of the view ``delivery`` or of `account`.
        signature: rows of core_signature or its view.
    """
    found = signatures.unsigned(files, signature)
    counted = files.assign(
        delivery_date=pd.to_datetime(files["delivery_date"]),
        is_odd=files["status"] != "accepted",
        has_findings=files["findings"] != "[]",
    ).groupby(["source", "delivery_date"], as_index=False)
    counts = counted[["rows_read", "rows_quarantined", "is_odd", "has_findings"]].sum()
    told = found.merge(counts, on=["source", "delivery_date"], how="left")
    return pd.DataFrame(
        {
            "来源": told["source"],
            "交付日期": told["delivery_date"],
            "文件": told["files"],
            "未签的文件": told["unsigned_files"],
            "读入": told["rows_read"],
            "隔离": told["rows_quarantined"],
            "挂起或无法读取": told["is_odd"],
            "有发现的文件": told["has_findings"],
            "以前": told["was_signed"].map({True: "签过，内容已变", False: ""}),
        }
    )
