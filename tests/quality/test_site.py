import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from quality import columns, docs
from quality.freshness import missing
from quality.invariants import check
from quality.page import Findings
from quality.scores import measure, score
from quality.site import block, build_site, keep, kept, write_page
from quality.suites import load_all
from quality.text import masked
from quality.validate import validate
from sources import contract

from .conftest import AREA, CATEGORY

AS_OF = date(2025, 3, 3)
SIGNATURE = ["source", "delivery_date", "file", "content_signature", "decision", "signed_by", "note", "signed_at"]
PHONE = "13887712345"
WEB = re.compile(
    r"<(?:script|link|img|iframe|source|object|embed|a|form)\b[^>]*?(?:src|href|action|data)=\"(?:https?:)?//", re.I
)
STYLE = re.compile(r"url\(\s*['\"]?(?:https?:)?//|@import", re.I)


def found(lake, **changed):
    delivery = pd.DataFrame(
        [
            {
                "source": "hotline",
                "delivery_date": date(2025, 3, 2),
                "file": "12345工单_20250302.xlsx",
                "status": "accepted",
                "reason": None,
                "rows_read": 5,
                "rows_accepted": 3,
                "rows_superseded": 0,
                "rows_ignored": 1,
                "rows_quarantined": 1,
                "ignored_by_rule": '{"total": 1}',
                "content_signature": "s",
            },
            {
                "source": "police",
                "delivery_date": date(2025, 3, 2),
                "file": "110_20250302.csv",
                "status": "held",
                "reason": "缺少列 接警单编号；请与 110 核对导出模板后重新交付",
                "rows_read": 7,
                "rows_accepted": 0,
                "rows_superseded": 0,
                "rows_ignored": 0,
                "rows_quarantined": 7,
                "ignored_by_rule": "{}",
                "content_signature": "t",
            },
        ]
    )
    quarantine = pd.DataFrame(
        [
            {
                "source": "hotline",
                "delivery_date": date(2025, 3, 2),
                "file": "12345工单_20250302.xlsx",
                "row_number": 7,
                "rule": "bad_time",
                "reason": f"来电时间“{PHONE}”不是时间，请更正",
                "column_name": "来电时间",
                "sheet": "工单",
                "value_masked": "1********",
            }
        ]
    )
    unmapped = pd.DataFrame(
        [
            {
                "source": "hotline",
                "column_name": "满意度",
                "value": "<b>很满意</b>",
                "event_count": 31,
                "first_delivery_date": date(2025, 3, 2),
            }
        ]
    )
    suites = load_all()
    validation = validate(lake, suites, as_of=AS_OF)
    measured = measure(lake, suites)
    cells = columns.measure(lake, [contract.load("hotline"), contract.load("police")])
    given = {
        "as_of": AS_OF,
        "quality_result": validation.result,
        "delivery": delivery,
        "quarantine": quarantine,
        "unmapped": unmapped,
        "invariants": check(lake, area=AREA, category=CATEGORY),
        "measured": measured,
        "scores": score(measured, delivery),
        "column_count": cells.count,
        "column_example": cells.example,
        "late": missing(delivery, as_of=AS_OF),
        "signature": pd.DataFrame(columns=SIGNATURE),
        "labels": {"hotline": "12345热线", "police": "110警情"},
    }
    return Findings(**(given | changed)), validation


def build(out, lake, **changed):
    return build_site(out, *found(lake, **changed))


@pytest.fixture
def site(lake, tmp_path) -> Path:
    return build(tmp_path / "quality", lake).parent


def text_of(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")}


def test_no_page_loads_or_links_anything_from_the_web(site):
    pages = text_of(site)
    assert {"index.html", "data_docs/index.html"} <= set(pages)
    assert any(name.startswith("data_docs/validations/hotline/") for name in pages)
    for name, html in pages.items():
        assert not WEB.search(html), name
        assert not STYLE.search(html), name
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", style.read_text(encoding="utf-8")), style


def test_every_local_script_style_and_link_of_every_page_is_there(site):
    for page in site.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        for address in re.findall(r"<(?:script|link|img|a)\b[^>]*?(?:src|href)=\"([^\"#$]+)(?:#[^\"]*)?\"", html):
            assert (page.parent / address).exists(), f"{page.relative_to(site)} -> {address}"


def test_the_assets_stay_small_and_carry_their_licences(site):
    assert sum(path.stat().st_size for path in docs.ASSETS.iterdir()) < 2_500_000
    assert (site / "data_docs" / "static" / "LICENSES.md").is_file()


def test_the_first_page_says_what_to_do(site):
    html = (site / "index.html").read_text(encoding="utf-8")
    for words in (
        "整批挂起",
        "缺少列 接警单编号；请与 110 核对导出模板后重新交付",
        "12345工单_20250302.xlsx 第 7 行",
        "满意度",
        "可以发布",
        "忽略：合计 1",
        "每条纠纷记录都归入一个纠纷",
        "data_docs/index.html",
    ):
        assert words in html, words
    for dimension in ("完整性", "准确性", "一致性", "及时性", "唯一性", "有效性"):
        assert f'<th class="n">{dimension}</th>' in html


def test_phone_numbers_in_reasons_are_masked_and_values_are_escaped(site):
    html = (site / "index.html").read_text(encoding="utf-8")
    assert "来电时间“***”不是时间" in html
    assert "&lt;b&gt;很满意&lt;/b&gt;" in html


def test_no_personal_value_of_the_lake_reaches_the_site(lake, tmp_path):
    lake.execute("update core_event set status = text, source_record_id = text")
    cells = json.dumps({"工单编号": "1001", "来电号码": PHONE, "联系方式": f"{PHONE}转", "满意度": "王小明很满意"})
    lake.execute("update raw_row set content = ?", [cells])
    lake.execute("update raw_record set unknown_codes = ['满意度=王小明很满意']")
    folder = build(tmp_path / "quality", lake).parent
    for name, html in text_of(folder).items():
        assert PHONE not in html, name
        assert "物业不修电梯" not in html, name
        assert "王小明" not in html, name
    for book in folder.glob("send_back/*.xlsx"):
        with zipfile.ZipFile(book) as archive:
            words = "".join(archive.read(name).decode() for name in archive.namelist())
        assert "满意度" in words
        for value in (PHONE, "王小明"):
            assert value not in words, value


def signed(**changed):
    row = dict(zip(SIGNATURE, ["hotline", date(2025, 3, 2), None, "s", "returned", "李数"], strict=False))
    row |= {"note": f"已电话告知{PHONE}", "signed_at": pd.Timestamp("2025-03-03 09:30")}
    return pd.DataFrame([row | changed])


def section(html, name):
    return html.split(f'<section id="{name}">')[1].split("</section>")[0]


def test_who_has_signed_and_what_nobody_has_signed_yet_stand_on_the_page(lake, tmp_path):
    html = section(build(tmp_path / "quality", lake, signature=signed()).read_text(encoding="utf-8"), "signature")
    assert "2025-03-03 09:30" in html
    assert '<span class="tag bad">退回</span>' in html
    assert "已电话告知***" in html
    assert "没有人签过字的交付：1 批" in html
    assert "--delivery police/2025-03-02" in html
    assert "--delivery hotline/2025-03-02" not in html


def test_a_signature_for_another_content_of_the_delivery_does_not_count(lake, tmp_path):
    index = build(tmp_path / "quality", lake, signature=signed(content_signature="former"))
    html = section(index.read_text(encoding="utf-8"), "signature")
    assert "没有人签过字的交付：2 批" in html
    assert "签过字，之后内容变了" in html


def test_a_held_delivery_that_someone_returned_says_so_where_it_asks_for_work(lake, tmp_path):
    index = build(tmp_path / "quality", lake, signature=signed(source="police", content_signature="t", note="已退"))
    assert "（李数 已签：退回，已退）" in section(index.read_text(encoding="utf-8"), "todo")


def test_each_mark_is_explained_and_one_is_worked_out_to_the_figure_of_the_table(lake, tmp_path):
    findings, _ = found(lake)
    html = section(build(tmp_path / "quality", lake).read_text(encoding="utf-8"), "score")
    assert "一条期望的得分 = 100 × 满足的行数 ÷ 检查的行数" in html
    dimension, mark = re.search(r"的<b>(.+?)</b>是下列各条的平均，等于 <b>([\d.]+)</b>", html).groups()
    lines = [float(each) for each in re.findall(r'<td class="n">([\d.]+)</td></tr>', html.split("算一遍给您看")[1])]
    assert round(sum(lines) / len(lines), 2) == pytest.approx(float(mark), abs=0.01)
    assert findings.scores.set_index("source").loc["hotline", dimension] == float(mark)


def test_values_of_the_newest_delivery_are_marked_as_new(lake, tmp_path):
    first, _ = found(lake)
    old = first.unmapped.assign(value="老值", first_delivery_date=date(2025, 3, 1))
    html = section(
        build(tmp_path / "quality", lake, unmapped=pd.concat([first.unmapped, old])).read_text(encoding="utf-8"),
        "unmapped",
    )
    assert '<span class="tag bad">新</span> <code>&lt;b&gt;很满意' in html
    assert "<td><code>老值</code>" in html


def test_a_year_of_five_sources_is_a_page_that_opens_at_once_and_says_where_the_rest_is(lake, tmp_path):
    given, _ = found(lake)
    days = pd.date_range("2024-03-03", "2025-03-02")
    sources = [f"s{number}" for number in range(5)]
    every = pd.MultiIndex.from_product([sources, days], names=["source", "delivery_date"]).to_frame(index=False)
    delivery = every.assign(file="每日工单.xlsx", status="held", rows_read=300, rows_quarantined=300)
    delivery = delivery.assign(**dict.fromkeys(("rows_accepted", "rows_superseded", "rows_ignored"), 0))
    delivery = delivery.assign(
        reason="不合格的行超过上限，整批挂起：请核对", ignored_by_rule="{}", content_signature="s"
    )
    marks = every.assign(**dict.fromkeys(given.scores.columns[2:], 91.25))
    values = pd.concat([given.unmapped.assign(value=f"值{number}") for number in range(500)])
    findings = replace(given, delivery=delivery, scores=marks, unmapped=values, measured=given.measured.iloc[:0])
    index = write_page(tmp_path / "quality", findings)
    assert index.stat().st_size < 1_000_000
    html = index.read_text(encoding="utf-8")
    for query in (
        "FROM delivery WHERE status &lt;&gt; &#39;accepted&#39;",
        "FROM delivery_score WHERE source = &#39;s4&#39; ORDER BY delivery_date",
        "FROM unmapped_value ORDER BY event_count DESC",
    ):
        assert query in html, query
    assert "另有 334 个文件没有列出" in section(html, "delivery")


def test_a_file_whose_rows_do_not_add_up_is_on_the_list_of_things_to_do(lake, tmp_path):
    delivery = found(lake)[0].delivery
    delivery.loc[0, "rows_read"] = 6
    html = build(tmp_path / "quality", lake, delivery=delivery).read_text(encoding="utf-8")
    assert "行数对不上" in html
    assert "相差 +1 行" in html


def test_a_broken_rule_turns_the_page_red(lake, tmp_path):
    lake.execute("delete from core_dispute_event where link_kind = 'repeat'")
    html = build(tmp_path / "quality", lake).read_text(encoding="utf-8")
    assert "停止发布" in html
    assert "全湖规则不成立" in html


def test_a_run_that_was_not_published_is_told_on_the_standing_page_until_the_next_publication(lake, tmp_path):
    out = tmp_path / "quality"
    build(out, lake)
    for sentence in ("全湖规则未通过：甲<乙", "全湖规则未通过：丙"):
        html = block(out, sentence).read_text(encoding="utf-8")
        assert sentence.replace("<", "&lt;") in html
        assert html.count('class="blocked"') == 1
        assert "各来源成绩单" in html
    assert "全湖规则未通过" not in build(out, lake).read_text(encoding="utf-8")


def test_a_page_written_again_from_what_was_kept_is_the_same_and_keeps_docs_and_the_reason_of_a_stop(lake, tmp_path):
    findings, validation = found(lake)
    index = build_site(tmp_path / "quality", findings, validation)
    keep(findings, tmp_path / "kept")
    before = {path: path.read_bytes() for path in index.parent.rglob("*") if path.is_file()}
    again = kept(tmp_path / "kept")
    assert write_page(index.parent, again) == index
    assert {path: path.read_bytes() for path in index.parent.rglob("*") if path.is_file()} == before
    block(index.parent, "全湖规则未通过")
    assert "全湖规则未通过" in write_page(index.parent, again).read_text(encoding="utf-8")


def test_what_a_former_version_kept_is_no_page(lake, tmp_path):
    assert kept(tmp_path / "none") is None
    keep(found(lake)[0], tmp_path / "kept")
    (tmp_path / "kept" / "scores.parquet").unlink()
    assert kept(tmp_path / "kept") is None


def test_writing_the_page_alone_does_not_load_great_expectations():
    code = "import sys, quality.site; sys.exit('great_expectations' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)


def test_a_first_run_that_was_not_published_leaves_a_page_that_says_why(tmp_path):
    html = block(tmp_path / "quality", "全湖规则未通过").read_text(encoding="utf-8")
    assert "全湖规则未通过" in html
    assert "还没有发布过" in html


def test_the_words_of_the_details_are_chinese(site):
    html = next(html for name, html in text_of(site).items() if name.startswith("data_docs/validations/hotline/"))
    for english in ("unexpected values found", "Evaluated Expectations", "Observed Value", "newsletter", "Show All"):
        assert english not in html
    assert "行不满足" in html


def test_the_site_replaces_the_old_one_and_leaves_no_rubble(lake, tmp_path):
    out = tmp_path / "quality"
    out.mkdir()
    (out / "stale.html").write_text("alt")
    build(out, lake)
    assert not (out / "stale.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["quality"]


def test_an_empty_lake_has_a_page_too(lake, tmp_path):
    for table in ("core_event", "core_dispute", "core_dispute_event", "core_warning", "core_link", "core_ledger"):
        lake.execute(f"delete from {table}")
    full, _ = found(lake)
    empty = {name: getattr(full, name).iloc[:0] for name in ("delivery", "quarantine", "unmapped", "scores", "late")}
    html = build(tmp_path / "quality", lake, **empty).read_text(encoding="utf-8")
    assert "没有被隔离的行" in html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"电话{PHONE}", "电话***"),
        ("电话138-8771-2345。", "电话***。"),
        ("证件53040219870312001X", "证件***"),
        ("工单20250302138877123450001", "工单20250302138877123450001"),
        (None, ""),
    ],
)
def test_masked(text, expected):
    assert masked(text) == expected


BUILD = """
import hashlib, sys
from datetime import date
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.quality.conftest import lake
from tests.quality.test_site import build
con = lake.__wrapped__() if hasattr(lake, "__wrapped__") else lake._fixture_function()
folder = build(Path(sys.argv[1]), con).parent
digest = hashlib.sha256()
for path in sorted(folder.rglob("*")):
    if path.is_file():
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
print(digest.hexdigest())
"""


def test_the_same_lake_gives_the_same_site_to_the_byte_whatever_the_clock_and_hash_seed(tmp_path):
    root = Path(__file__).parents[2]
    digests = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", BUILD, str(tmp_path / seed), str(root)],
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip().splitlines()[-1])
    assert len(digests) == 1


def test_a_template_that_loads_something_new_from_the_web_is_refused():
    with pytest.raises(ValueError, match=r"要从网上加载 tracker\.js，本地没有副本"):
        docs.localise('<script src="https://cdn.example.org/tracker.js"></script>', "")
