"""The simulated city: is it what the exports say, is it as hard as the world, does the truth stay out of it?"""

import csv
import hashlib
import json
import math
import re
from collections import Counter, defaultdict
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from sources.simulator import simulate
from sources.simulator.geometry import to_bd09mc
from sources.simulator.phrases import expand, fill, frames, matters
from sources.simulator.world import World, check_digit

COLUMNS = {
    "hotline": (
        "工单编号 旧工单编号 来电时间 受理渠道 诉求类型 诉求人 性别 来电号码 联系方式 是否保密 工单标题 "
        "主要内容 问题分类 所属区县 所属街道 详细地址 被投诉人 被反映人电话 承办单位 处理时限 "
        "办理截止时间 办结时间 工单状态 是否有效回访 是否联系 是否解决 满意度 处理结果"
    ),
    "police": (
        "接警单编号 报警时间 报警电话 联系电话 报警人 报警人证件号 接警报警类别 接警报警类型 接警报警细类 "
        "反馈报警类别 反馈报警类型 反馈报警细类 警情级别 警情地址 行政区划 报警内容 处警情况 警情处理结果 "
        "管辖单位代码 管辖单位名称 经度 纬度 重复警情编号 关联警情编号 关联工单编号"
    ),
    "mediation": (
        "案件编号 案号 受理日期 案件来源 移送单号 纠纷类别 纠纷简要情况 涉及人数 涉案金额 难度级别 "
        "纠纷发生地 所属区县 所属乡镇 所属村社区 调解组织 调解组织层级 调解员 调解日期 调解结果 协议类型 "
        "协议内容 履行方式 履行情况 司法确认"
    ),
    "party": "案件编号 当事人类型 姓名或名称 证件号码 联系电话 住址 更新时间",
    "citymgmt": (
        "上报时间 任务号 大类名称 小类名称 问题来源 问题描述 当前阶段名称 处置部门 捆绑处置截止时间 "
        "处置截止时间 结案时间 所属片区 所属区域 所属街道 所属社区 单元网格 问题类型 地址描述 监督员 "
        "X坐标 Y坐标 延期理由 延期次数 处置意见"
    ),
    "delay": "任务号 延期次数 延期理由",
    "grid": (
        "事件编号 事件名称 发生日期 发生地点 经度 纬度 网格编码 行政区划代码 事件规模 事件类别 涉及人数 "
        "涉及金额 涉及单位 事件简述 当事人 上报来源 化解时限 化解方式 化解组织 化解责任人 "
        "化解责任人联系方式 是否化解成功 化解情况 化解日期 处理状态 风险等级 关联事件编号 更新时间"
    ),
}


def sheet(path, name, header):
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python()
    return [str(cell) for cell in rows[header]], rows[header + 1 :]


class Delivered:
    """All rows of a simulation, read without the project's readers; `latest` is one row per record."""

    def __init__(self, out):
        self.out = out
        self.headers = defaultdict(set)
        self.rows = defaultdict(list)
        self.raw_hotline = []
        for path in sorted((out / "landing").rglob("*.*")):
            self._read(path, path.parts[-3])

    def _read(self, path, source):
        if path.suffix == ".xlsx" and source == "hotline":
            header, rows = sheet(path, "工单", 2)
            self.raw_hotline.append(CalamineWorkbook.from_path(path).get_sheet_by_name("工单").to_python())
            rows = [row for row in rows if row[0] != "合计" and any(cell != "" for cell in row)]
            self._keep("hotline", header, rows)
        elif path.suffix == ".xlsx":
            self._keep("mediation", *sheet(path, "案件信息", 0))
            self._keep("party", *sheet(path, "当事人信息", 0))
        elif path.suffix == ".csv":
            encoding = "utf-8-sig" if source == "citymgmt" else "gb18030"
            with path.open(encoding=encoding, newline="") as file:
                header, *rows = csv.reader(file)
            self._keep("delay" if path.name.startswith("延期清单") else source, header, rows)
        else:
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            for row in rows:
                self._keep("grid", list(row), [list(row.values())])

    def _keep(self, kind, header, rows):
        self.headers[kind].add(" ".join(header))
        for row in rows:
            row = [str(int(cell)) if index == 0 and isinstance(cell, float) else cell for index, cell in enumerate(row)]
            self.rows[kind].append(dict(zip(header, row, strict=True)))

    def truth(self, name):
        with (self.out / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


NUMBER = {
    "hotline": "工单编号",
    "police": "接警单编号",
    "mediation": "案件编号",
    "citymgmt": "任务号",
    "grid": "事件编号",
}
TEXT = {
    "hotline": "主要内容",
    "police": "报警内容",
    "mediation": "纠纷简要情况",
    "citymgmt": "问题描述",
    "grid": "事件简述",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("simulated")
    return simulate(out, rows=6000, days=60, seed=11), Delivered(out)


@pytest.fixture(scope="module")
def made_hard(tmp_path_factory):
    out = tmp_path_factory.mktemp("hard")
    return simulate(out, rows=6000, days=60, seed=11, hard=True), Delivered(out)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        simulate(tmp_path / name, rows=600, days=6, seed=3)
    simulate(tmp_path / "other", rows=600, days=6, seed=4)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert digests(tmp_path / "one") != digests(tmp_path / "other")


def test_it_refuses_an_empty_world(tmp_path):
    with pytest.raises(ValueError, match="正数"):
        simulate(tmp_path, rows=0, days=5, seed=1)


def test_progress_is_told_day_by_day(tmp_path):
    days = []
    simulate(tmp_path, rows=60, days=3, seed=1, progress=lambda done, total: days.append((done, total)))
    assert days == [(1, 3), (2, 3), (3, 3)]


def test_columns_are_those_of_the_real_exports_in_their_order(made):
    _, delivered = made
    assert {kind: " ".join(columns.split()) for kind, columns in COLUMNS.items()} == {
        kind: next(iter(headers)) for kind, headers in delivered.headers.items() if len(headers) == 1
    }


def test_the_summary_counts_what_is_in_the_files(made):
    summary, delivered = made
    assert {source: len(delivered.rows[source]) for source in NUMBER} == summary.rows_by_source
    assert abs(summary.rows - 6000) <= 120
    assert summary.records == len(delivered.truth("record"))
    assert summary.disputes == len(delivered.truth("dispute"))
    assert summary.is_simulated and "模拟数据" in str(summary)
    assert "模拟数据" in (delivered.out / "说明.txt").read_text(encoding="utf-8")


def test_every_record_number_has_one_row_of_truth(made):
    _, delivered = made
    faults = {row["source_record_id"] for row in delivered.truth("fault")}
    known = [(row["source"], row["source_record_id"]) for row in delivered.truth("record")]
    written = {(s, str(row[NUMBER[s]])) for s in NUMBER for row in delivered.rows[s]}
    assert len(known) == len(set(known))
    assert {pair for pair in written if pair[1] not in faults | {""}} == set(known)


def test_every_delivery_is_marked_complete_and_dated_the_day_after(made):
    _, delivered = made
    folders = [folder for folder in (delivered.out / "landing").glob("*/*") if folder.is_dir()]
    assert all((folder / "_SUCCESS").stat().st_size == 0 for folder in folders)
    assert min(folder.name for folder in folders) == "2025-03-02"
    assert max(folder.name for folder in folders) == "2025-04-30"


def test_disputes_are_told_as_often_as_real_ones(made, made_hard):
    for summary, _ in (made, made_hard):
        assert 1.6 <= summary.mean_records_per_dispute <= 2.2
        assert 0.25 <= summary.share_in_two_systems <= 0.40
        assert 12 <= summary.largest_dispute <= 40


def test_most_rows_are_no_disputes_where_that_is_so(made):
    _, delivered = made
    requests = Counter(row["诉求类型"] for row in delivered.rows["hotline"])
    assert 0.4 <= requests["咨询"] / requests.total() <= 0.6
    truth = delivered.truth("record")
    of_city = [row["is_dispute"] == "1" for row in truth if row["source"] == "citymgmt"]
    assert sum(of_city) / len(of_city) < 0.3


# As hard as the world


def reporter_phones(delivered):
    """(source, number) -> the reporter's phone as digits, or nothing; the newest version wins."""

    def digits(text):
        text = re.sub(r"\D", "", str(text).translate(str.maketrans("０１２３４５６７８９", "0123456789")))
        text = text[2:] if len(text) == 13 and text.startswith("86") else text
        text = text[1:] if len(text) == 12 and text.startswith("01") else text
        return text if len(text) >= 10 and len(set(text)) > 1 else ""

    found = {}
    for row in delivered.rows["hotline"]:
        found["hotline", row["工单编号"]] = digits(row["来电号码"]) or digits(row["联系方式"])
    for row in delivered.rows["police"]:
        found["police", row["接警单编号"]] = digits(row["报警电话"]) or digits(row["联系电话"])
    for row in delivered.rows["grid"]:
        found["grid", row["事件编号"]] = digits(row["当事人"][0]["联系电话"]) if row["当事人"] else ""
    for row in delivered.rows["party"]:
        if row["当事人类型"] == "申请人":
            found["mediation", row["案件编号"]] = digits(row["联系电话"])
    return found


def disputes_of(delivered):
    groups = defaultdict(list)
    for row in delivered.truth("record"):
        if row["is_dispute"] == "1":
            groups[row["dispute_id"]].append(row)
    return groups


def pair_count(sizes):
    return sum(size * (size - 1) // 2 for size in sizes)


def same_phone_f1(delivered):
    phones = reporter_phones(delivered)
    rows = [row for group in disputes_of(delivered).values() for row in group]
    by_phone = defaultdict(list)
    for row in rows:
        phone = phones.get((row["source"], row["source_record_id"]), "")
        by_phone[phone or row["source_record_id"]].append(row)
    clusters = []
    for group in by_phone.values():
        group.sort(key=lambda row: row["reported_at"])
        clusters.append([group[0]])
        for before, after in pairwise(group):
            gap = date.fromisoformat(after["reported_at"][:10]) - date.fromisoformat(before["reported_at"][:10])
            if gap.days <= 30:
                clusters[-1].append(after)
            else:
                clusters.append([after])
    true = pair_count(Counter(row["dispute_id"] for row in rows).values())
    said = pair_count(len(cluster) for cluster in clusters)
    right = sum(pair_count(Counter(row["dispute_id"] for row in cluster).values()) for cluster in clusters)
    return 2 * right / (true + said)


def test_the_phone_rule_of_practice_does_badly(made, made_hard):
    assert 0.03 <= same_phone_f1(made[1]) <= 0.25
    assert 0.03 <= same_phone_f1(made_hard[1]) <= 0.25


def named_together(delivered):
    pairs = [pair for group in disputes_of(delivered).values() for pair in combinations(group, 2)]

    def keys(row):
        return set(row["named_parties"].split()) | set(row["phones"].split()) | {row["named_place"]} - {""}

    return sum(bool(keys(one) & keys(two)) for one, two in pairs) / len(pairs)


def test_what_is_written_would_be_enough_for_somebody_who_knew_the_city(made, made_hard):
    assert 0.90 <= named_together(made[1]) <= 0.98
    assert 0.84 <= named_together(made_hard[1]) <= 0.95


def test_two_tellings_of_one_dispute_hardly_share_words(made):
    _, delivered = made
    texts = {(s, str(row[NUMBER[s]])): row[TEXT[s]] for s in NUMBER for row in delivered.rows[s]}
    shares = []
    for group in disputes_of(delivered).values():
        for one, two in combinations(group, 2):
            first, second = (
                {text[i : i + 2] for i in range(len(text) - 1)}
                for text in (texts[row["source"], row["source_record_id"]] for row in (one, two))
            )
            shares.append(len(first & second) / max(1, len(first | second)))
    assert 0.05 <= sorted(shares)[len(shares) // 2] <= 0.15


def test_transfers_carry_official_numbers_and_some_are_wrong(made):
    _, delivered = made
    transfers = [row for row in delivered.truth("record") if row["transfer"] == "1"]
    assert 0.12 <= sum(row["official_number"] == "1" for row in transfers) / len(transfers) <= 0.28
    known = {row["source_record_id"] for row in delivered.truth("record")}
    columns = (
        ("police", "关联工单编号"),
        ("mediation", "移送单号"),
        ("hotline", "旧工单编号"),
        ("grid", "关联事件编号"),
    )
    for source, column in columns:
        numbers = {row[column] for row in delivered.rows[source]} - {""}
        assert numbers and numbers <= known


def test_hard_negatives_and_slices_are_there(made):
    _, delivered = made
    kinds = {row["hard_negative"] for row in delivered.truth("dispute")}
    assert kinds >= {"same_place_and_matter", "same_caller", "father_and_son", "same_road"}
    truth = delivered.truth("record")
    slices = (
        "no_phone no_name only_town mass role_reversed family homophone hard_negative office_phone threat threat_decoy"
    )
    for name in slices.split():
        assert any(row[name] == "1" for row in truth), name
    shared = Counter()
    for row in truth:
        for phone in row["phones"].split():
            if phone.startswith("0877"):
                shared[phone] += 1
    assert shared.most_common(1)[0][1] > 1


def test_names_come_masked_misheard_and_missing(made):
    _, delivered = made
    names = [row["诉求人"] for row in delivered.rows["hotline"]]
    assert "匿名" in names and "" in names
    for pattern in (r".(先生|女士)", r".\*{1,2}", r".某某?"):
        assert any(re.fullmatch(pattern, name) for name in names), pattern


# The truth stays out of the exports


def test_no_dispute_number_is_in_the_exports(made):
    _, delivered = made
    keys = {row["dispute_id"] for row in delivered.truth("dispute")}
    for kind, rows in delivered.rows.items():
        for row in rows:
            assert not keys & set(re.findall(r"D\d{7}", " ".join(map(str, row.values())))), kind


def test_rows_of_a_file_stand_in_order_of_time_not_of_dispute(made):
    _, delivered = made
    for path in sorted((delivered.out / "landing" / "police").rglob("*.csv"))[:20]:
        with path.open(encoding="gb18030", newline="") as file:
            times = [row["报警时间"] for row in csv.DictReader(file)]
        assert times == sorted(times)


# Traps


def test_the_12345_workbook_has_title_export_line_blank_rows_and_total(made):
    _, delivered = made
    assert all("12345" in book[0][0] and book[1][0].startswith("导出时间") for book in delivered.raw_hotline)
    assert all(book[-1][0] == "合计" for book in delivered.raw_hotline)
    assert any(not any(cell != "" for cell in row) for book in delivered.raw_hotline for row in book[3:])


def test_times_of_the_hotline_come_in_three_forms(made):
    _, delivered = made
    times = [row["来电时间"] for row in delivered.rows["hotline"]]
    assert any(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", str(cell)) for cell in times)
    assert any(re.fullmatch(r"\d{14}", str(cell)) for cell in times)
    assert any(isinstance(cell, float) for cell in times)


def test_the_hotline_has_json_addresses_junk_phones_and_an_older_csv_system(made):
    _, delivered = made
    rows = delivered.rows["hotline"]
    addresses = [json.loads(r["详细地址"]) for r in rows if re.fullmatch(r"\{.*\}", r["详细地址"])]
    assert addresses and all({"address", "lng", "lat"} == set(address) for address in addresses)
    phones = {row["来电号码"] for row in rows}
    assert phones >= {"00000", "11111111111", "12345", ""}
    assert any("-" in phone for phone in phones) and any(phone.startswith("+86") for phone in phones)
    assert any(row["工单编号"].startswith("0") for row in rows) and any(len(row["工单编号"]) == 9 for row in rows)
    old = list((delivered.out / "landing" / "hotline").rglob("*.csv"))
    assert old and "工单编号" in old[0].read_bytes().decode("gb18030")
    again = Counter(row["工单编号"] for row in rows)
    assert any(count > 1 for number, count in again.items() if number)


def test_id_numbers_come_old_wrong_and_missing(made):
    _, delivered = made
    numbers = [row["报警人证件号"] for row in delivered.rows["police"]] + [
        row["证件号码"] for row in delivered.rows["party"]
    ]
    full = [n for n in numbers if re.fullmatch(r"\d{17}[\dXx]", n)]
    good = [n for n in full if check_digit(n[:17]) == n[17].upper()]
    assert "无" in numbers and any(re.fullmatch(r"\d{15}", n) for n in numbers)
    assert good and len(good) < len(full)


def test_police_rows_that_are_no_dispute_of_their_own_say_so(made):
    _, delivered = made
    actions = " ".join(row["处警情况"] for row in delivered.rows["police"])
    for word in ("骚扰", "撤警", "误报", "重复警情", "副单", "无效警情"):
        assert word in actions
    assert all(len(row["接警单编号"]) == 27 for row in delivered.rows["police"])
    assert any(row["反馈报警类别"] == "" for row in delivered.rows["police"])
    assert {"0", ""} <= {row["经度"] for row in delivered.rows["police"]}


def test_mediation_parties_come_in_versions_and_agreements_from_templates(made):
    _, delivered = made
    times = defaultdict(set)
    for row in delivered.rows["party"]:
        times[row["案件编号"], row["姓名或名称"]].add(row["更新时间"])
    assert any(len(versions) > 1 for versions in times.values())
    cases = {row["案件编号"] for row in delivered.rows["mediation"]}
    assert {row["案件编号"] for row in delivered.rows["party"]} <= cases
    openings = Counter(row["协议内容"][:4] for row in delivered.rows["mediation"] if row["协议内容"])
    assert openings.most_common(1)[0][1] > 10


def test_city_management_has_its_traps(made):
    _, delivered = made
    rows = delivered.rows["citymgmt"]
    first = next(iter((delivered.out / "landing" / "citymgmt").rglob("数字城管_*.csv")))
    assert first.read_bytes().startswith(b"\xef\xbb\xbf")
    assert any(row["当前阶段名称"].startswith("[作废]") for row in rows)
    assert all(re.fullmatch(r"【.+】", row["监督员"]) for row in rows)
    city = {county.name for county in World(1).counties} | {""}
    assert any(row["所属区域"] not in city for row in rows)
    assert {row["任务号"] for row in delivered.rows["delay"]} <= {row["任务号"] for row in rows}
    assert delivered.rows["delay"]


def test_the_grid_tells_an_event_once_per_status(made):
    _, delivered = made
    states = defaultdict(list)
    for row in delivered.rows["grid"]:
        states[row["事件编号"]].append(row["处理状态"])
    assert sum(len(seen) > 1 for seen in states.values()) > len(states) / 2
    assert all(seen == sorted(seen) for seen in states.values())


# What the warnings need


def test_warnings_of_the_truth_point_at_records(made):
    _, delivered = made
    known = {row["source_record_id"] for row in delivered.truth("record")}
    warnings = delivered.truth("warning")
    rules = {"repeat_complaint", "mass", "extreme_words", "overdue", "cross_source_gap"}
    assert rules <= {row["rule"] for row in warnings}
    assert {row["raised_for"] for row in warnings} <= known
    assert max(row["first_known_date"] for row in warnings) <= "2025-04-30"


def test_a_recurrence_comes_more_than_thirty_days_after_the_end(tmp_path):
    simulate(tmp_path, rows=3000, days=110, seed=5)
    disputes = {row["dispute_id"]: row for row in Delivered(tmp_path).truth("dispute")}
    again = [row for row in disputes.values() if row["recurrence_of"]]
    assert again
    for row in again:
        ended = date.fromisoformat(disputes[row["recurrence_of"]]["resolved_at"][:10])
        assert (date.fromisoformat(row["first_reported_at"][:10]) - ended).days > 30


def test_planted_surges_stand_out(made):
    _, delivered = made
    surges = delivered.truth("surge")
    assert surges
    truth = delivered.truth("record")
    for surge in surges:
        days = Counter(
            row["reported_at"][:10]
            for row in truth
            if row["category_code"] == surge["category_code"] and row["town_code"] == surge["area_code"]
        )
        inside = [day for day in days if surge["start_date"] <= day <= surge["end_date"]]
        assert max(days[day] for day in inside) >= 4
        assert sum(days[day] for day in inside) >= int(surge["disputes"])


# Phrases


def test_there_are_many_matters_each_with_many_wordings_for_each_narrator():
    every = matters()
    assert len(every) >= 25
    assert len({matter.code[:2] for matter in every}) >= 15
    pools = frames()
    slots = dict.fromkeys(("o", "m", "t", "n"), "x")
    for matter in every:
        say, write = ({fill(p, slots) for wording in pool for p in wording} for pool in (matter.say, matter.write))
        assert min(len(matter.say) * len(matter.why), len(say)) >= 12, matter.key
        assert min(len(matter.write) * len(matter.why), len(write)) >= 12, matter.key
    for source in NUMBER:
        assert len(pools[f"{source}.text"]) >= 11
        for wording in pools[f"{source}.text"]:
            for phrase in wording:
                assert "extra" in phrase[1::2], phrase


def test_a_choice_shows_all_its_words_and_a_slot_is_filled():
    assert [fill(phrase, {"m": "8元"}) for phrase in expand("(欠|没给)<m>")] == ["欠8元", "没给8元"]
    seen = {"".join(phrase) for phrase in expand("(a|b)(c|d)(e|f)(g|h)(i|j)(k|l)(m|n)(o|p)", limit=16)}
    assert {word[-1] for word in seen} == {"o", "p"}


# The world


def test_divisions_are_the_real_ones():
    world = World(1)
    assert len(world.counties) == 9 and len(world.towns) > 70 and len(world.villages) > 700
    assert all(village.code.startswith(village.town.code[:9]) for village in world.villages)
    assert {county.old for county in world.counties} >= {"江川县", "澄江县"}


def test_places_do_not_depend_on_the_order_of_asking():
    one, two = World(1), World(1)
    village, other = one.villages[3], one.villages[9]
    two.places(other, "estate")
    assert [p.name for p in one.places(village, "estate")] == [p.name for p in two.places(village, "estate")]


def test_the_check_digit_follows_the_standard():
    assert check_digit("11010519491231002") == "X"


def test_baidu_metres_lie_near_the_mercator_of_the_point():
    x, y = to_bd09mc(102.54, 24.34)
    e, a = 0.0818191908426, 6378137.0
    phi = math.radians(24.34)
    assert abs(x - math.radians(102.54) * a) < 2000
    assert abs(y - a * (math.asinh(math.tan(phi)) - e * math.atanh(e * math.sin(phi)))) < 2000
