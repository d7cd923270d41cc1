"""Indicators: the worked example of each definition through the SQL that is published, and residents."""

import duckdb
import pytest

from tests.warehouse.conftest import AS_OF, RED_TOWER, TOWN, VILLAGE
from warehouse import indicators
from warehouse.lake import DUCKDB_TYPES
from warehouse.publish import publish
from warehouse.registry import PUBLISHED

CITY = "530400"
PLACE = {"county_code": RED_TOWER, "town_code": TOWN, "village_code": VILLAGE}
REPORTED = {"first_reported_at": "2025-03-05 10:00", "reported_at": "2025-03-05 10:00"}


def table(con, name, rows):
    """A published table with all its columns; what a row does not say is empty."""
    columns = PUBLISHED[name].table.columns
    declared = ", ".join(f'"{column.name}" {DUCKDB_TYPES[column.kind]}' for column in columns)
    con.execute(f"CREATE TABLE {name} ({declared})")
    for row in rows:
        known = {key: value for key, value in row.items() if key in PUBLISHED[name].table.column_names}
        names = ", ".join(f'"{key}"' for key in known)
        con.execute(f"INSERT INTO {name} ({names}) VALUES ({', '.join('?' * len(known))})", list(known.values()))


def world(rows, residents=None):
    """Each row a dispute and its record; link_kind says whether the record belongs to the dispute."""
    con = duckdb.connect()
    con.execute(f"SET VARIABLE city_code = '{CITY}'")
    rows = [{"dispute_id": f"d{n}", "event_id": f"e{n}", **PLACE, **REPORTED, **row} for n, row in enumerate(rows)]
    table(con, "publication", [{"as_of": AS_OF}])
    table(con, "area", [{"area_code": RED_TOWER, "area_tier": "县", "resident_count": residents}])
    for name in ("dispute", "dispute_course", "event"):
        table(con, name, rows)
    table(con, "dispute_event", [row for row in rows if row.get("link_kind")])
    table(con, "indicator_definition", indicators.definitions().to_dict("records"))
    con.execute(indicators.macro())
    return con


@pytest.mark.parametrize("name", indicators.settings())
def test_the_worked_example_of_a_definition_comes_out_of_the_sql(name):
    example = indicators.settings()[name]["example"]
    con = world(example["rows"], example.get("residents"))
    indicators.count(con)
    asked = "SELECT numerator, denominator FROM indicator_count WHERE indicator = $name AND area_code = $area"
    assert con.execute(asked, {"name": name, "area": RED_TOWER}).fetchall() == [
        (example["numerator"], example["denominator"])
    ]
    assert con.execute(
        f"SELECT numerator, denominator, round(value, 4), is_small FROM indicator_in('{name}', '{RED_TOWER}', "
        "'2025-03-01', '2025-04-01')"
    ).fetchall() == [(example["numerator"], example["denominator"], example["value"], True)]


def test_a_window_counts_its_first_moment_and_not_its_last():
    rows = [{"status": "已化解", "first_reported_at": f"2025-03-{day} 12:00"} for day in ("05", "06", "07")]
    con = world(rows)
    asked = "SELECT numerator FROM indicator_in('化解率', '{}', '2025-03-05 12:00', '2025-03-07 12:00')"
    assert con.execute(asked.format(CITY)).fetchall() == [(2.0,)]
    assert con.execute(asked.format(TOWN[:9])).fetchall() == con.execute(asked.format(VILLAGE)).fetchall() == [(2.0,)]
    assert con.execute(asked.format("530403")).fetchall() == [(0.0,)]


def test_what_is_not_placed_below_an_area_is_counted_in_it_and_told_apart():
    con = world(
        [{"status": "已化解"}, {"status": "已化解", "village_code": None}, {"town_code": None, "village_code": None}]
    )
    indicators.count(con)
    found = con.execute(
        "SELECT area_code, numerator, denominator, unplaced_numerator, unplaced_denominator FROM indicator_count "
        "WHERE indicator = '化解率' ORDER BY area_code"
    ).fetchall()
    assert found == [(CITY, 2, 3, 0, 0), (RED_TOWER, 2, 3, 0, 1), (TOWN, 2, 2, 1, 1), (VILLAGE, 1, 1, 0, 0)]


def test_totals_equal_the_sum_of_their_parts_everywhere(filled):
    publish(filled, as_of=AS_OF)
    with duckdb.connect(str(filled.published / "warehouse.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM comparison_total WHERE difference <> 0").fetchall() == [(0,)]
        # a police call of which only the county is known, and a month's parts of both kinds
        assert con.execute(
            "SELECT total, parts, unplaced FROM comparison_total WHERE measure = '化解率' AND split_by = 'area' "
            f"AND area_code = '{RED_TOWER}' AND period_start = '2025-04-01' AND part = '分母'"
        ).fetchall() == [(2, 1, 1)]
        kinds = {row[0] for row in con.execute("SELECT DISTINCT split_by FROM comparison_total").fetchall()}
        assert {"area", "category 00", "category 02"} <= kinds


def test_residents_that_nobody_knows_leave_the_rate_empty(filled):
    publish(filled, as_of=AS_OF)
    with duckdb.connect(str(filled.published / "warehouse.duckdb"), read_only=True) as con:
        asked = (
            "SELECT numerator, denominator, value FROM indicator WHERE indicator = '万人发生率' AND area_code = $area"
        )
        assert con.execute(asked, {"area": VILLAGE}).fetchall()[0][1:] == (None, None)
        assert [row[1] for row in con.execute(asked, {"area": CITY}).fetchall()] == [224.9502, 224.9502]


def test_a_file_in_the_lake_takes_the_place_of_the_residents(filled):
    file = filled.root / "residents.csv"
    file.write_text(f"area_code,residents\n{RED_TOWER},500000\n{VILLAGE},3000\n", "utf-8-sig")
    publish(filled, as_of=AS_OF)
    with duckdb.connect(str(filled.published / "warehouse.duckdb"), read_only=True) as con:
        found = "SELECT area_code, resident_count FROM area WHERE resident_count IS NOT NULL ORDER BY 1"
        assert con.execute(found).fetchall() == [(RED_TOWER, 500000), (VILLAGE, 3000)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code,persons\n530402,5\n", "area_code、residents 两列"),
        ("area_code,residents\n530402,五十万\n", "530402 的 residents 不是正数"),
        ("area_code,residents\n530402,5\n530402,6\n", "写了两次"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path, text, says):
    (tmp_path / "residents.csv").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=says):
        indicators.residents(tmp_path)


def test_the_document_is_what_the_definitions_say(pytestconfig):
    assert (pytestconfig.rootpath / "docs" / "indicators.md").read_text("utf-8") == indicators.document()


def test_every_definition_says_where_it_comes_from_and_which_are_assumed():
    frame = indicators.definitions()
    assert frame.loc[~frame["is_assumed"], "basis"].str.contains("B-5|B-3|D-3|F-4|公布").all()
    certain = set(frame.loc[~frame["is_assumed"], "indicator"])
    assert {"化解率", "调解成功率", "重复率", "响应率", "解决率", "满意率", "综合成绩"} <= certain
    assert frame["indicator"].is_unique
