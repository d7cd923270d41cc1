import subprocess
import sys
from datetime import date, datetime

import pandas as pd
import pytest
from click.testing import CliRunner

from pipelines import accepting, signing
from pipelines.cli import main
from pipelines.settings import Settings
from transforms.tables import CORE_ACCEPTANCE, CORE_SIGNATURE
from transforms.tokens import new_key, read_key
from warehouse.lake import Lake

SECOND, THIRD, FOURTH = (date(2025, 3, day) for day in (2, 3, 4))
AT = datetime(2025, 3, 5, 9)


def file(source, day, name, *, content="a", status="accepted", quarantined=0, findings="[]"):
    return {
        "source": source, "delivery_date": day, "file": name, "signature": content, "status": status,
        "rows_read": 10, "rows_valid": 10 - quarantined, "rows_quarantined": quarantined, "rows_ignored": 0,
        "findings": findings, "reason": "太少" if status == "held" else None,
    }  # fmt: skip


FILES = [
    file("hotline", SECOND, "一.xlsx"),
    file("hotline", SECOND, "二.xlsx"),
    file("hotline", THIRD, "三.xlsx", quarantined=2),
    file("hotline", FOURTH, "四.xlsx", findings='["缺少列"]'),
    file("grid", SECOND, "网格.jsonl"),
    file("grid", THIRD, "网格.jsonl", status="held", quarantined=10),
]


@pytest.fixture
def settings(tmp_path):
    made = Settings(landing=tmp_path / "landing", root=tmp_path / "lake", key_file=tmp_path / "lake.key")
    new_key(made.key_file)
    lake = Lake.open(made.root, read_key(made.key_file))
    lake.replace("raw_file", pd.DataFrame(FILES))
    rows = [
        {"source": "grid", "delivery_date": THIRD, "file": "网格.jsonl", "row_number": number, "rule": rule,
         "disposition": "quarantined", "reason": "等待"}
        for number, rule in enumerate(["held"] * 8 + ["missing_record_id"] * 2, 1)
    ]  # fmt: skip
    lake.replace("raw_row", pd.DataFrame(rows))
    return made


@pytest.fixture
def lake(settings):
    return Lake.open(settings.root, read_key(settings.key_file))


def call(settings, *arguments):
    environment = {
        "LAKE_LANDING": str(settings.landing), "LAKE_ROOT": str(settings.root), "LAKE_KEY_FILE": str(settings.key_file)
    }  # fmt: skip
    return CliRunner().invoke(main, list(arguments), env=environment, catch_exceptions=False)


def sign(settings, *arguments):
    return call(settings, "quality", "sign", "--by", "张三", "--at", "2025-03-05 09:00", *arguments)


def signed(lake):
    rows = lake.read(CORE_SIGNATURE).sort_values(["signed_at", "source", "delivery_date"])
    rows["file"] = rows["file"].astype("object").where(rows["file"].notna(), None)
    return [(row.source, row.delivery_date, row.file, row.decision) for row in rows.itertuples()]


def test_a_delivery_is_signed_once_and_the_same_again_writes_nothing(settings, lake):
    result = sign(settings, "--delivery", "hotline/2025-03-02", "--note", "已看")
    assert (result.exit_code, "已签：hotline 2025-03-02" in result.stdout) == (0, True)
    again = sign(settings, "--delivery", "hotline/2025-03-02", "--note", "已看")
    assert (again.exit_code, "已签过" in again.stdout) == (0, True)
    assert signed(lake) == [("hotline", SECOND, None, "accepted")]
    [row] = lake.read(CORE_SIGNATURE).to_dict("records")
    assert (row["content_signature"], row["signed_by"], row["note"]) == ("a", "张三", "已看")
    assert row["signed_at"] == AT


def test_another_decision_is_added_and_the_last_one_counts(settings, lake):
    sign(settings, "--delivery", "hotline/2025-03-03")
    sign(
        settings,
        "--delivery",
        "hotline/2025-03-03",
        "--decision",
        "退回",
        "--note",
        "时间错",
        "--at",
        "2025-03-05 10:00",
    )
    sign(settings, "--delivery", "hotline/2025-03-03", "--at", "2025-03-05 11:00")
    assert [decision for *_, decision in signed(lake)] == ["accepted", "returned", "accepted"]


def test_a_range_and_one_file_may_be_signed(settings, lake):
    sign(settings, "--delivery", "hotline/2025-03-02..2025-03-03")
    one = ["--delivery", "hotline/2025-03-02", "--file", "二.xlsx", "--at", "2025-03-06"]
    sign(settings, *one, "--decision", "改规则", "--note", "列名变了")
    assert signed(lake) == [
        ("hotline", SECOND, None, "accepted"),
        ("hotline", THIRD, None, "accepted"),
        ("hotline", SECOND, "二.xlsx", "rule_change"),
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--delivery", "hotlin/2025-03-02"], "是否指 hotline"),
        (["--delivery", "hotline/2025-03-20"], "最近的有 2025-03-02、2025-03-03、2025-03-04"),
        (["--delivery", "hotline"], "应写 来源/日期"),
        (["--delivery", "hotline/2025-02-30"], "应写 来源/日期"),
        (["--delivery", "hotline/2025-03-04..2025-03-02"], "止日早于起日"),
        (["--delivery", "hotline/2025-03-02", "--file", "无.xlsx"], "一.xlsx、二.xlsx"),
        (["--delivery", "hotline/2025-03-02..2025-03-03", "--file", "一.xlsx"], "只能与一批交付"),
        (["--delivery", "hotline/2025-03-02", "--decision", "同意"], "没有“同意”这种决定"),
        (["--delivery", "hotline/2025-03-02", "--decision", "退回"], "--note"),
        (["--all-clean", "--decision", "退回", "--note", "x"], "只能用于接收"),
        ([], "二者取一"),
    ],
)
def test_what_cannot_be_signed_is_refused_with_what_there_is(settings, lake, arguments, sentence):
    result = sign(settings, *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert signed(lake) == []


def test_all_clean_signs_what_leaves_nothing_to_decide_and_nothing_twice(settings, lake):
    lake.replace(
        "core_event",
        pd.DataFrame([{"source": "grid", "delivery_date": FOURTH, "row_number": 1, "unknown_codes": ["状态=x"]}]),
    )
    lake.replace("raw_file", pd.DataFrame([*FILES, file("grid", FOURTH, "网格.jsonl")]))
    sign(settings, "--all-clean")
    assert signed(lake) == [("grid", SECOND, None, "accepted"), ("hotline", SECOND, None, "accepted")]
    assert "没有可签的交付" in sign(settings, "--all-clean").stdout


def test_what_nobody_signed_is_listed_until_it_is_and_again_once_it_changed(settings, lake):
    assert "未签的交付 5 批" in call(settings, "quality", "unsigned").stdout
    sign(settings, "--delivery", "hotline/2025-03-02..2025-03-04")
    listed = call(settings, "quality", "unsigned", "--source", "hotline").stdout
    assert "全部交付都已有人签字" in listed
    changed = [row | ({"signature": "b"} if row["delivery_date"] == THIRD else {}) for row in FILES]
    lake.replace("raw_file", pd.DataFrame(changed))
    assert "签过，内容已变" in call(settings, "quality", "unsigned").stdout
    told = call(settings, "quality", "signatures", "--date", "2025-03-03").stdout
    assert "已变，须重签" in told
    assert "没有签字" in call(settings, "quality", "signatures", "--by", "李四").stdout


def test_a_delivery_that_was_read_again_meanwhile_is_not_signed(lake):
    files = signing.account(lake)
    lake.replace("raw_file", pd.DataFrame([row | {"signature": "b"} for row in FILES]))
    with pytest.raises(signing.SignRefused, match="内容已变"):
        signing.sign(lake, files, decision="accepted", by="张三", note=None, at=AT)


def test_while_a_run_holds_the_lake_nothing_is_signed_or_accepted(settings, lake):
    code = (
        "import fcntl, sys; handle = open(sys.argv[1], 'ab'); fcntl.flock(handle, fcntl.LOCK_EX); "
        "print(1, flush=True); input()"
    )
    lock = lake.restricted / "run.lock"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as run:
        run.stdout.readline()
        results = [
            sign(settings, "--delivery", "hotline/2025-03-02"),
            call(settings, "delivery", "accept", "grid", "2025-03-03", "--note", "已核实"),
        ]
        run.communicate(b"\n")
    for result in results:
        assert (result.exit_code, "另一个运行正在写" in result.stderr) == (2, True)
    assert signed(lake) == []
    assert lake.read(CORE_ACCEPTANCE).empty


def test_accepting_shows_what_will_be_taken_and_is_written_once(settings, lake):
    first = call(settings, "delivery", "accept", "grid", "2025-03-03", "--by", "李四", "--note", "节日人少")
    assert first.exit_code == 0
    assert "已接收 grid 2025-03-03（李四）" in first.stdout
    again = call(settings, "delivery", "accept", "grid", "2025-03-03", "--by", "李四", "--note", "节日人少")
    assert "已接收过" in again.stdout
    assert len(lake.read(CORE_ACCEPTANCE)) == 1
    told = accepting.accept(lake, "grid", THIRD, by="李四", note="").files
    assert told[["将采用", "仍隔离", "挂起的原因"]].to_numpy().tolist() == [[8, 2, "太少"]]


@pytest.mark.parametrize(
    ("source", "day", "sentence"),
    [
        ("gird", "2025-03-03", "是否指 grid"),
        ("grid", "2025-03-02", "已经采用，不必接收；grid 被挂起的有 2025-03-03"),
        ("grid", "2025-03-09", "没有 grid 2025-03-09 的交付，没有可接收的；grid 被挂起的有 2025-03-03"),
        ("hotline", "2025-03-02", "被挂起的有 grid 2025-03-03"),
    ],
)
def test_what_is_not_held_is_refused_with_what_is(settings, lake, source, day, sentence):
    result = call(settings, "delivery", "accept", source, day, "--note", "x")
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert lake.read(CORE_ACCEPTANCE).empty


def test_where_nothing_is_published_the_commands_say_what_to_do(settings):
    for arguments in (["quality", "page"], ["delivery", "list"], ["quarantine"], ["quarantine", "history"]):
        result = call(settings, *arguments)
        assert (result.exit_code, "dispute-lake run" in result.stderr) == (2, True)
