"""The quality site: the Chinese page, the Data Docs and the lists to send back beside it; each can be written alone.

Here: the folder, its swap, and the findings of the last page, kept so that it can be written again. Not here: the
pages' content (`quality.page`, `quality.docs`, `quality.send_back`).
findings -> $LAKE_ROOT/published/quality/index.html, data_docs/, send_back/
"""

import json
import re
import shutil
from datetime import date
from html import escape
from pathlib import Path

import pandas as pd

from quality import docs, page, send_back
from quality.text import masked
from quality.validate import Validation

_DOCS = "data_docs"
_LISTS = "send_back"
_WORDS = "findings.json"
_BANNER = re.compile(r"<!-- blocked -->.*?<!-- /blocked -->", re.DOTALL)
_FIRST = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>数据质量报告</title></head>
<body><h1>数据质量报告</h1><!-- blocked --><!-- /blocked --><p>还没有发布过。</p></body></html>
"""


def build_site(out: Path, findings: page.Findings, validation: Validation | None = None) -> Path:
    """Builds the site beside ``out`` and renames it into place; readers see the old site or the new one.

    Args:
        out: folder of the site; replaced as a whole.
        findings: what the page shows.
        validation: with it the Data Docs are built and linked.

    Returns:
        The path of index.html.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    building = out.with_name(f".{out.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    if validation is not None:
        docs.write(validation, building / _DOCS)
    write_page(building, findings)
    _swap(building, out)
    return out / "index.html"


def write_page(out: Path, findings: page.Findings) -> Path:
    """Writes the page and the lists to send back into a standing site; the Data Docs stay and are linked.

    Great Expectations is not needed: a signature shows at once. The lists change before the page that links them.

    Args:
        out: folder of the site, made where none stands.
        findings: what the page shows; to change one frame of a page that stands, see `kept`.

    Returns:
        The path of index.html.
    """
    out.mkdir(parents=True, exist_ok=True)
    building = out / f".{_LISTS}.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    workbooks = send_back.write(
        building,
        as_of=findings.as_of,
        quarantine=findings.quarantine,
        unmapped=findings.unmapped,
        column_example=findings.column_example,
        labels=findings.labels,
    )
    _swap(building, out / _LISTS)
    html = page.render(
        findings,
        docs={name: f"{_DOCS}/{link}" for name, link in docs.links(out / _DOCS).items()},
        send_back={source: f"{_LISTS}/{name}" for source, name in workbooks.items()},
    )
    index = out / "index.html"
    standing = _BANNER.search(index.read_text(encoding="utf-8")) if index.exists() else None
    if standing is not None:  # what stopped the newest run still does
        html = _BANNER.sub(lambda _: standing[0], html, count=1)
    _replace_text(index, html)
    return index


def keep(findings: page.Findings, folder: Path) -> None:
    """Writes the findings of a page into ``folder`` (restricted), one Parquet file a frame, replacing what is there."""
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    for name, value in vars(findings).items():
        if isinstance(value, pd.DataFrame):
            value.to_parquet(building / f"{name}.parquet", index=False)
    words = {"as_of": findings.as_of.isoformat(), "labels": list(findings.labels.items())}
    (building / _WORDS).write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    _swap(building, folder)


def kept(folder: Path) -> page.Findings | None:
    """Returns the findings that `keep` wrote, or None where there are none yet (or a former version wrote them)."""
    if not (folder / _WORDS).exists():
        return None
    words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
    frames = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    if set(frames) != page.FRAMES:
        return None
    return page.Findings(as_of=date.fromisoformat(words["as_of"]), labels=dict(words["labels"]), **frames)


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
    _replace_text(index, _BANNER.sub(lambda _: banner, html, count=1))
    return index


def _replace_text(path: Path, text: str) -> None:
    building = path.with_name(f".{path.name}.building")
    building.write_text(text, encoding="utf-8")
    building.replace(path)


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
