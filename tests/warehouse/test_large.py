import duckdb
import pytest

from tests.bench import large


@pytest.fixture(scope="module")
def twelve(published, tmp_path_factory):
    """The small lake twelve times."""
    out = tmp_path_factory.mktemp("large") / "lake"
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        disputes = con.execute("SELECT count(*) FROM dispute").fetchall()[0][0]
    return large.build(published.root, out, disputes * 12), published


def _ask(publication, query):
    with duckdb.connect(str(publication.warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def test_every_record_and_dispute_is_there_twelve_times_under_its_own_id(twelve):
    made, small = twelve
    for view in ("event", "dispute", "dispute_event", "link", "warning"):
        with duckdb.connect(str(small.warehouse), read_only=True) as con:
            assert made.rows[view] == 12 * con.execute(f"SELECT count(*) FROM {view}").fetchall()[0][0]
    assert _ask(made, "SELECT count(*) - count(DISTINCT dispute_id) FROM dispute") == [(0,)]
    assert _ask(made, "SELECT count(*) FROM dispute_event ANTI JOIN event USING (event_id)") == [(0,)]
    assert _ask(made, "SELECT count(*) FROM dispute_event ANTI JOIN dispute USING (dispute_id)") == [(0,)]


def test_copies_lie_in_other_months_and_places_that_belong_together(twelve):
    made, _ = twelve
    assert _ask(made, "SELECT count(DISTINCT date_trunc('month', first_reported_at)) >= 9 FROM dispute") == [(True,)]
    wrong = (
        "SELECT count(*) FROM dispute "
        "WHERE left(town_code, 6) <> county_code OR left(village_code, 9) <> left(town_code, 9)"
    )
    assert _ask(made, wrong) == [(0,)]
    unknown = "SELECT count(*) FROM dispute ANTI JOIN area ON area.area_code = dispute.town_code WHERE town_code <> ''"
    assert _ask(made, unknown) == [(0,)]


def test_what_is_computed_is_computed_from_the_copies(twelve):
    made, _ = twelve
    assert made.rows["comparison_coverage"] == made.rows["dispute"]
    total = (
        "SELECT sum(dispute_count) FROM comparison_period "
        "WHERE period_kind = 'month' AND clock = 'reported' AND area_tier = '市' AND category_code = '00'"
    )
    assert _ask(made, total)[0][0] <= made.rows["dispute"]
    ranks = "SELECT count(*) - count(DISTINCT (notice_date, recipient_code, rank)) FROM warning_notice"
    assert _ask(made, ranks) == [(0,)]
    assert _ask(made, "SELECT label FROM publication") == [(large.LABEL,)]
