import io
import re
import zipfile
from datetime import date, datetime, timedelta

import docx
import duckdb
import pytest
from python_calamine import CalamineWorkbook

from tests.warehouse.reports.hand_made import COUNTY, TOWN, disputes, warehouse
from warehouse.reports import html, word, workbook, writing
from warehouse.reports.document import Grid, Heading, Paragraph, texts
from warehouse.reports.figures import plain, quote, runs
from warehouse.reports.periods import PeriodRefused, read

MARCH, APRIL, MAY = datetime(2025, 3, 1), datetime(2025, 4, 1), datetime(2025, 5, 1)
TONGHAI = {"county_code": "530423", "town_code": "530423101000", "village_code": None}
DATES = re.compile(r"\d{4}年第\d+周|\d{4}年|\d+月\d+日|\d+月|\d+日|\d+时|^\d+\.")


def composed(path, kind, written=None, **more):
    with duckdb.connect(str(path), read_only=True) as con:
        return writing.compose(con, kind, written, **more)


def told(report):
    """The whole text of a report, without marks."""
    return "\n".join(plain(text) for text in texts(report.blocks, report.notes))


def sentences(report):
    """Body text alone, without tables and notes."""
    return "\n".join(each.lead + plain(each.text) for each in report.blocks if isinstance(each, Paragraph))


def headings(report):
    return [each.text for each in report.blocks if isinstance(each, Heading)]


@pytest.fixture(scope="module")
def risen(tmp_path_factory):
    """April: 邻里 doubled in 红塔区, 消费 halved, 欠薪 as it was; 医疗 went from two to five; one matter is late."""
    rows = [
        *disputes(MARCH, APRIL, 40), *disputes(APRIL, MAY, 90),
        *disputes(MARCH, APRIL, 80, code="0601", **TONGHAI),
        *disputes(APRIL, MAY, 36, code="0601", status="处理中", **TONGHAI),
        *disputes(MARCH, APRIL, 50, code="0701"), *disputes(APRIL, MAY, 52, code="0701"),
        *disputes(MARCH, APRIL, 2, code="0502"), *disputes(APRIL, MAY, 5, code="0502", text="病历改过，扬言同归于尽"),
        *disputes(APRIL, APRIL + timedelta(days=1), 1, code="0201", start=9000, status="处理中", is_overdue=True,
                  risk_level="高", responsible_tier="县", deadline_at=datetime(2025, 4, 20), text="拿着菜刀堵路"),
    ]  # fmt: skip
    warnings = [
        {"warning_id": "wn_1", "rule": "repeat_complaint", "rule_name": "重复投诉", "level": "黄", "status": "open",
         "first_seen_at": date(2025, 4, 9), "area_code": TOWN, "dispute_id": rows[0]["dispute_id"]},
        {"warning_id": "wn_2", "rule": "surge", "rule_name": "区域激增", "level": "橙", "status": "closed",
         "first_seen_at": date(2025, 4, 10), "area_code": COUNTY, "area_name": "红塔区",
         "category_name": "邻里纠纷", "evidence": "7天内30条，只应有4.5条"},
        {"warning_id": "wn_3", "rule": "mass", "rule_name": "群体性苗头", "level": "红", "status": "open",
         "first_seen_at": date(2025, 5, 1), "area_code": COUNTY, "dispute_id": rows[0]["dispute_id"]},
    ]  # fmt: skip
    return warehouse(tmp_path_factory.mktemp("risen") / "warehouse.duckdb", rows, warnings=warnings)


@pytest.fixture(scope="module")
def month(risen):
    return composed(risen, "month", "2025-04")


CASES = [
    ("month", "2025-03", {}),
    ("week", "2025-W10", {}),
    ("week", "2025-03-04", {"area": "530402", "window": "noon"}),
    ("day", "2025-03-08", {}),
    ("day", "2025-03-08", {"area": "530402"}),
    ("day", "2025-03-08", {"window": "calendar"}),
]


@pytest.mark.parametrize(("kind", "written", "more"), CASES)
def test_every_number_of_a_report_is_what_its_statement_gives(published, kind, written, more):
    report = composed(published.warehouse, kind, written, **more)
    assert len(report.figures) > 20
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        for figure in report.figures:
            found = con.execute(figure.statement).fetchall()
            assert len(found) == 1 and len(found[0]) == 1, figure
            assert float(found[0][0]) == figure.value == float(figure.shown.rstrip("%")), figure


@pytest.mark.parametrize(("kind", "written", "more"), CASES)
def test_no_number_reaches_a_report_without_a_statement(published, kind, written, more):
    report = composed(published.warehouse, kind, written, **more)
    known = {figure.number for figure in report.figures}
    for text in texts(report.blocks, report.notes):
        assert {run.figure for run in runs(text) if run.figure is not None} <= known
        own = "".join(run.text for run in runs(text) if run.figure is None and not run.is_quote)
        assert not re.search(r"\d", DATES.sub("", own)), own


def test_the_numbers_of_the_hand_made_month_are_those_that_a_person_counts(month, risen):
    text = sentences(month)
    assert "2025年4月，全市各系统共受理矛盾纠纷184件" in text  # 90 + 36 + 52 + 5 + 1
    assert "环比上升7.0%（上月172件）" in text  # 40 + 80 + 50 + 2
    assert "化解率79.9%（147/184）" in text  # all but 36 and 1
    assert "尚有37件未化解，其中高风险1件、超期未办结1件" in text
    with duckdb.connect(str(risen), read_only=True) as con:
        for figure in month.figures:
            assert float(con.execute(figure.statement).fetchone()[0]) == float(figure.shown.rstrip("%"))


def test_what_rose_and_what_fell_is_chosen_by_the_data(month):
    assert [each for each in headings(month) if each.startswith("（")] == [
        "（一）邻里纠纷",
        "（一）合同及相关纠纷",
    ]
    text = sentences(month)
    assert "上升超出正常波动的是邻里纠纷（上升127.5%）" in text  # 40 -> 91
    assert "下降超出正常波动的是合同及相关纠纷（下降55.0%）" in text
    assert "劳动人事争议（" not in text  # 50 -> 52 is no change; 医疗 two -> five is too few


def test_a_category_is_told_by_area_reason_means_and_summary(month):
    text = sentences(month)
    assert "1.区域。红塔区91件（占100.0%）。与上月相比，红塔区增加最多，增加51件。" in text
    assert "涉刀的1件" in text
    assert "聚集围堵的1件" in text


def test_each_suggestion_names_its_figure_and_none_is_made_without_one(month):
    at = headings(month).index("五、工作建议")
    assert at == len(headings(month)) - 1
    advice = [each for each in month.blocks if isinstance(each, Paragraph) and re.fullmatch(r"\d\.", each.lead)]
    assert len(advice) == 7  # 邻里, 红塔区, 通海 (few resolved), surge, high risk, late, repeated
    for each in advice:
        assert any(run.figure is not None for run in runs(each.text)), each


def test_a_quiet_month_brings_no_suggestions(tmp_path):
    rows = [*disputes(MARCH, APRIL, 30), *disputes(APRIL, MAY, 31)]
    report = composed(warehouse(tmp_path / "w.duckdb", rows), "month", "2025-04")
    assert not any("工作建议" in each for each in headings(report))
    assert "增加均在正常波动以内" in sentences(report)
    assert "本月及以前受理的纠纷已全部化解" in sentences(report)
    assert "本月没有新发预警" in sentences(report)


def test_an_area_with_few_cases_is_not_judged(tmp_path):
    rows = [*disputes(MARCH, APRIL, 2), *disputes(APRIL, MAY, 8)]
    report = composed(warehouse(tmp_path / "w.duckdb", rows), "month", "2025-04", area=COUNTY)
    text = sentences(report)
    assert "上月2件，件数少，不作升降判断" in text
    assert "化解率8/8（基数小，不计比例）" in text
    assert "%" not in told(report)
    assert "日均" not in text


def test_a_month_without_disputes_is_said_in_one_sentence(tmp_path):
    rows = [*disputes(MARCH, APRIL, 30), *disputes(MAY, MAY + timedelta(days=2), 3)]
    path = warehouse(tmp_path / "w.duckdb", rows, as_of=datetime(2025, 5, 3))
    report = composed(path, "month", "2025-04")
    assert "2025年4月，全市没有新受理的矛盾纠纷，上月为30件。" in sentences(report)
    assert not any(isinstance(each, Grid) for each in report.blocks)
    other = composed(path, "month", "2025-04", area="530423")
    assert "全县没有新受理的矛盾纠纷" in sentences(other)


def test_without_a_former_month_nothing_rises_or_falls(risen):
    report = composed(risen, "month", "2025-03")
    text = sentences(report)
    assert "上月和去年同期没有完整数据，不作比较" in text
    assert "环比" not in told(report)
    assert not any("上升" in each or "下降" in each for each in headings(report))
    assert "（一）合同及相关纠纷" in headings(report)  # the largest is told instead


def test_an_unfinished_month_is_compared_with_as_many_days(tmp_path):
    rows = [*disputes(MARCH, APRIL, 93), *disputes(APRIL, APRIL + timedelta(days=10), 30)]
    path = warehouse(tmp_path / "w.duckdb", rows, as_of=datetime(2025, 4, 11))
    text = sentences(composed(path, "month", "2025-04"))
    assert "与上月同期持平" in text
    assert "本月数据截至4月10日，比较只取上月同期，天数相同" in text


def test_sentences_are_written_as_a_person_writes_them(published):
    for kind, written, more in CASES:
        text = sentences(composed(published.warehouse, kind, written, **more))
        assert not re.search(r"(上升|下降)[-－]|NaN|None|nan|，，|。。|，。|、。|（）|：。|于的|None", text), text
        assert not re.search(r"(?<![0-9./])0(件|条|人)", text), text  # nothing is listed with a count of zero
        assert not any(line.endswith(("，", "、")) or line == "" for line in text.split("\n"))


def test_the_counts_are_those_of_the_comparison_views(published):
    report = composed(published.warehouse, "week", "2025-W10")
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        counted = dict(
            con.execute(
                "SELECT split_part(category_name, '/', 1), dispute_count FROM comparison_period "
                "WHERE clock = 'reported' AND period_kind = 'week' AND period_start = '2025-03-03' "
                "AND area_code = '530400' AND length(category_code) = 2"
            ).fetchall()
        )
    (grid,) = (each for each in report.blocks if isinstance(each, Grid) and each.caption == "各类别矛盾纠纷")
    shown = {plain(row[0]): int(plain(row[1])) for row in grid.rows}
    assert shown == {name: count for name, count in counted.items() if name != "全部"}
    assert sum(shown.values()) == counted["全部"]


def test_areas_are_judged_as_the_comparison_of_areas_judges_them(published):
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        report = writing.compose(con, "month", "2025-03")
        (areas,) = (query for query in report.queries if query.name == "areas" and "类别代码" not in query.says)
        columns = "area_code, dispute_count, resolved_count, overdue_count, "
        own = con.execute(f"SELECT {columns} verdict FROM ({areas.sql}) WHERE area_code IS NOT NULL ORDER BY 1")
        seen = own.fetchall()
        views = con.execute(
            f"SELECT {columns} CASE WHEN verdict IN ('高', '低') THEN verdict END FROM comparison_area "
            "WHERE period_start = '2025-03-01' AND area_tier = '县' ORDER BY 1"
        ).fetchall()
    assert seen == views


@pytest.mark.parametrize(
    ("kind", "written", "window", "name", "day"),
    [
        ("month", "2025-03", "calendar", "月", "2025-03-31"),
        ("month", "2025-03", "assess", "考核月", "2025-03-18"),
        ("week", "2025-W10", "calendar", "周", "2025-03-05"),
        ("day", "2025-03-05", "calendar", "日", "2025-03-05"),
        ("day", "2025-03-05", "noon", "正午日", "2025-03-05"),
        ("day", "2025-01-01", "eight", "八点日", "2025-01-01"),
    ],
)
def test_windows_are_cut_as_analysts_cut_them(published, kind, written, window, name, day):
    period = read(kind, written, window, as_of=datetime(2026, 1, 1), first_day=date(2020, 1, 1))
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        found = con.execute(
            "SELECT starts, ends, previous_starts, previous_ends, last_year_starts, last_year_ends "
            "FROM windows($name, $day)",
            {"name": name, "day": day},
        ).fetchone()
    assert found == (period.since, period.until, *period.previous, *period.last_year)


def test_centres_told_and_what_the_daily_cap_held_back_are_counted(tmp_path):
    notices = [
        {"notice_date": date(2025, 4, 2), "recipient_code": code, "is_held_back": held, "warning_id": f"wn_{number}"}
        for number, (code, held) in enumerate([(COUNTY, False), (COUNTY, True), (TOWN, False), ("530423", False)])
    ]
    path = warehouse(tmp_path / "w.duckdb", disputes(APRIL, MAY, 20), warnings=[
        {"warning_id": "wn_0", "rule": "mass", "level": "红", "status": "open", "area_code": COUNTY,
         "first_seen_at": date(2025, 4, 2)}
    ], notices=notices)  # fmt: skip
    said = "共向2个综治中心告知2条次，因每日上限暂缓1条次"
    assert said in sentences(composed(path, "month", "2025-04", area=COUNTY))
    assert "共向3个综治中心告知3条次" in sentences(composed(path, "month", "2025-04"))


def test_parts_add_up_to_the_whole(published):
    report = composed(published.warehouse, "week", "2025-W10")
    grids = {each.caption: each for each in report.blocks if isinstance(each, Grid)}
    by_category = sum(int(plain(row[1])) for row in grids["各类别矛盾纠纷"].rows)
    by_area = sum(int(plain(row[1])) for row in grids["各县（市、区）矛盾纠纷"].rows)
    assert by_category == by_area


def test_a_daily_report_tells_each_notable_record(published):
    report = composed(published.warehouse, "day", "2025-03-08")
    text = told(report)
    assert "3月7日8时至3月8日8时" in text
    numbers = [each for each in headings(report) if re.match(r"\d+\.", each)]
    assert numbers
    for lead in ("简况：", "处置：", "研判：", "建议："):
        assert sum(isinstance(each, Paragraph) and each.lead == lead for each in report.blocks) == len(numbers)


def test_the_script_beside_a_report_gives_each_number_in_turn(month, risen):
    script = writing.statements(month)
    assert script.startswith("-- 玉溪市矛盾纠纷研判月报（2025年第4期）")
    with duckdb.connect(str(risen), read_only=True) as con:
        views, *numbered = re.split(r"\n-- 第\d+号", script)
        con.execute(views)
        assert len(numbered) == len(month.figures)
        for part in numbered:
            head, statement = part.split("\n", 1)
            shown = head.rsplit(" = ", 1)[1].rstrip("%")
            assert float(con.execute(statement).fetchone()[0]) == float(shown), head


def test_the_same_publication_gives_the_same_files(risen, tmp_path):
    first = writing.write(risen, tmp_path / "a", "month", "2025-04")
    second = writing.write(risen, tmp_path / "b", "month", "2025-04")
    assert [path.name for path in first] == [
        f"玉溪市矛盾纠纷研判月报_2025-04{end}" for end in (".docx", ".html", "_附表.xlsx", "_取数.sql")
    ]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert not list((tmp_path / "a").glob(".*"))


def test_a_report_of_simulated_data_says_so_everywhere(published, tmp_path):
    paths = writing.write(published.warehouse, tmp_path, "week", "2025-W10")
    assert all(path.name.startswith("模拟数据_") for path in paths)
    document = docx.Document(paths[0])
    section = document.sections[0]
    assert section.header.paragraphs[0].text == section.even_page_header.paragraphs[0].text == "模拟数据"
    assert document.paragraphs[0].text == "【模拟数据】"
    assert '<p class="label">模拟数据</p>' in paths[1].read_text("utf-8")
    sheet = CalamineWorkbook.from_path(str(paths[2]))
    assert all("模拟数据" in sheet.get_sheet_by_name(name).to_python()[0][0] for name in sheet.sheet_names)


def test_a_report_of_real_data_bears_no_mark(month):
    assert "模拟" not in html.render(month)
    assert "模拟" not in month.stem


def test_the_word_file_is_laid_out_by_the_standard(month):
    document = docx.Document(io.BytesIO(word.render(month)))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert [round(each.mm) for each in (section.top_margin, section.left_margin)] == [37, 28]
    body = document.styles["Normal"]
    assert (body.font.size.pt, body.paragraph_format.line_spacing.pt) == (16, 28)
    assert 'w:eastAsia="仿宋"' in body.element.xml
    assert 'w:eastAsia="黑体"' in document.styles["Heading 1"].element.xml
    assert 'w:eastAsia="楷体"' in document.styles["Heading 2"].element.xml
    assert str(document.paragraphs[0].runs[0].font.color.rgb) == "C00000"  # red head
    assert document.settings.odd_and_even_pages_header_footer
    for footer in (section.footer, section.even_page_footer):
        assert footer.paragraphs[0].text.startswith("— ") and "PAGE" in footer._element.xml
    written = "\n".join(each.text for each in document.paragraphs)
    assert "抄报：" in written and "抄送：" in written


def test_the_word_file_says_what_the_report_says_and_links_each_number_to_its_query(month):
    package = word.render(month)
    document = docx.Document(io.BytesIO(package))
    written = [each.text for each in document.paragraphs]
    for each in month.blocks:
        if isinstance(each, Paragraph):
            assert each.lead + plain(each.text) in written
    body = document.element.body.xml
    anchors = set(re.findall(r'w:anchor="([^"]+)"', body))
    assert anchors == {figure.query.view for figure in month.figures}
    assert anchors <= set(re.findall(r'<w:bookmarkStart[^>]*w:name="([^"]+)"', body))
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        names = parts.namelist()
        assert {"word/charts/chart1.xml", "word/charts/chart2.xml", "word/embeddings/chart1.xlsx"} <= set(names)
        data = CalamineWorkbook.from_filelike(io.BytesIO(parts.read("word/embeddings/chart2.xlsx")))
        assert data.get_sheet_by_index(0).to_python()[1][1:] == [91.0, 40.0]


def test_the_page_loads_nothing_from_anywhere(month):
    page = html.render(month)
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    assert "url(" not in page and "@import" not in page and "//cdn" not in page
    assert "default-src 'none'" in page


def test_text_from_the_data_cannot_break_out_of_a_page_or_a_sheet(tmp_path):
    bad = '<script>alert(1)</script>=HYPERLINK("http://x")'
    rows = [
        *disputes(APRIL, MAY, 12),
        *disputes(APRIL, MAY, 1, start=5000, title=bad, status="处理中", is_overdue=True, risk_level="高",
                  deadline_at=datetime(2025, 4, 20)),
        *disputes(APRIL, MAY, 1, start=6000, title="=1+1"),
    ]  # fmt: skip
    path = warehouse(tmp_path / "w.duckdb", rows)
    report = composed(path, "month", "2025-04")
    assert "<script>alert" not in html.render(report)
    assert "&lt;script&gt;alert(1)" in html.render(report)
    assert "<script>alert(1)</script>" in "".join(
        cell.text for table in docx.Document(io.BytesIO(word.render(report))).tables for cell in table._cells
    )
    with duckdb.connect(str(path), read_only=True) as con:
        book = workbook.render(report, con)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_the_workbook_holds_every_dispute_of_the_period(month, risen):
    with duckdb.connect(str(risen), read_only=True) as con:
        book = CalamineWorkbook.from_filelike(io.BytesIO(workbook.render(month, con)))
    assert book.sheet_names == ["总体", "区域", "大类", "细类", "重复", "详情"]
    assert len(book.get_sheet_by_name("详情").to_python()) == 184 + 2
    whole = dict(zip(*book.get_sheet_by_name("总体").to_python()[1:3], strict=True))
    assert whole["本期首次反映的纠纷数"] == 184


def test_an_unknown_area_and_a_missing_publication_are_refused_with_a_sentence(risen, tmp_path):
    with pytest.raises(PeriodRefused, match="没有区划代码 999999"):
        composed(risen, "month", "2025-04", area="999999")
    with pytest.raises(PeriodRefused, match="还没有发布"):
        writing.write(tmp_path / "none.duckdb", tmp_path, "month", "2025-04")


def test_a_publication_of_an_older_version_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE publication (number BIGINT, as_of TIMESTAMP)")
    with pytest.raises(PeriodRefused, match="较早的版本"):
        writing.write(path, tmp_path / "out", "month", "2025-04")
    assert not (tmp_path / "out").exists()


def test_towns_and_villages_have_reports_of_their_own(risen):
    for code in (TOWN, TOWN[:9], "530402001001"):
        report = composed(risen, "month", "2025-04", area=code)
        assert "90件" not in report.title
        assert "148件" in sentences(report)  # all but 消费, which is of 通海
        assert all(float(figure.shown.rstrip("%")) >= 0 for figure in report.figures)


def test_quoted_text_is_cut_and_carries_no_marks():
    assert plain(quote("甲\ue000乙\n丙。", 10)) == "甲乙 丙"
    assert plain(quote("一二三四五", 3)) == "一二…"
    assert quote(None) == ""
