"""The quality site: the Chinese page, the Data Docs and the lists to send back beside it, written in one move.

Here: the folder and its swap. Not here: the pages' content (`quality.page`, `quality.docs`, `quality.send_back`).
findings -> $LAKE_ROOT/published/quality/index.html, data_docs/, send_back/
"""

import re
import shutil
from collections.abc import Mapping
from datetime import date
from html import escape
from pathlib import Path

import pandas as pd

from quality import docs, page, send_back
from quality.text import masked
from quality.validate import Validation

_BANNER = re.compile(r"<!-- blocked -->.*?<!-- /blocked -->", re.DOTALL)
_FIRST = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>数据质量报告</title></head>
<body><h1>数据质量报告</h1><!-- blocked --><!-- /blocked --><p>还没有发布过。</p></body></html>
"""


def build_site(
    out: Path,
    *,
    as_of: date,
    quality_result: pd.DataFrame,
    delivery: pd.DataFrame,
    quarantine: pd.DataFrame,
    unmapped: pd.DataFrame,
    invariants: pd.DataFrame,
    scores: pd.DataFrame,
    late: pd.DataFrame,
    labels: Mapping[str, str],
    validation: Validation | None = None,
) -> Path:
    """Builds the site beside ``out`` and renames it into place; readers see the old site or the new one.

    Args:
        out: folder of the site; replaced as a whole.
        as_of: the day the data stands at; the only time the pages show.
        quality_result: what `quality.validate` returns (one row per expectation).
        delivery: one row per file: source, delivery_date, file, status, reason, rows_read, rows_accepted,
            rows_superseded, rows_ignored, rows_quarantined, and, if known, ignored_by_rule (JSON: rule to count).
        quarantine: one row per quarantined row: source, delivery_date, file, row_number, rule, reason, column_name.
        unmapped: one row per value outside the code tables: source, column_name, value, event_count,
            first_delivery_date.
        invariants: what `quality.invariants.check` returns.
        scores: what `quality.scores.score` returns.
        late: what `quality.freshness.missing` returns.
        labels: source code to Chinese name.
        validation: with it the Data Docs are built and linked.

    Returns:
        The path of index.html.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    building = out.with_name(f".{out.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    links: dict[str, str] = {}
    if validation is not None:
        links = {name: f"data_docs/{link}" for name, link in docs.write(validation, building / "data_docs").items()}
    workbooks = send_back.write(
        building / "send_back", as_of=as_of, quarantine=quarantine, unmapped=unmapped, labels=labels
    )
    findings = page.Findings(
        as_of=as_of,
        delivery=delivery,
        quarantine=quarantine,
        unmapped=unmapped,
        invariants=invariants,
        quality_result=quality_result,
        scores=scores,
        late=late,
        labels=labels,
        docs=links,
        send_back={source: f"send_back/{name}" for source, name in workbooks.items()},
    )
    (building / "index.html").write_text(page.render(findings), encoding="utf-8")
    _swap(building, out)
    return out / "index.html"


def block(out: Path, sentence: str) -> Path:
    """Puts ``sentence`` on top of the standing page: why the newest run was not published.

    The figures below it stay those of the last publication; the next `build_site` takes the sentence away.

    Returns:
        The path of index.html, which is made where none stands yet.
    """
    out.mkdir(parents=True, exist_ok=True)
    index = out / "index.html"
    html = index.read_text(encoding="utf-8") if index.exists() else _FIRST
    banner = f'<!-- blocked --><p class="blocked">{escape(masked(sentence))}</p><!-- /blocked -->'
    building = out / ".index.html.building"
    building.write_text(_BANNER.sub(lambda _: banner, html, count=1), encoding="utf-8")
    building.replace(index)
    return index


def _swap(building: Path, out: Path) -> None:
    # A folder cannot be renamed over a full one: the old site steps aside first, and comes back if the new one cannot.
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.replace(old)
    try:
        building.replace(out)
    except OSError:
        if old.exists():
            old.replace(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
