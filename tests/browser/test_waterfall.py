"""The waterfall of a pair in Chromium, from a file, with every network name refused."""

import duckdb
from click.testing import CliRunner

from pipelines import cli
from tests.browser.test_quality_pages import opened


def test_the_chart_is_drawn_and_asks_the_network_for_nothing(published, tmp_path, monkeypatch):
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        pair = con.execute(
            "SELECT event_id_l, event_id_r FROM link ORDER BY match_weight DESC, 1, 2 LIMIT 1"
        ).fetchone()
    for name, value in (("LAKE_ROOT", published.root), ("LAKE_KEY_FILE", published.key_file)):
        monkeypatch.setenv(name, str(value))
    page = tmp_path / "pair.html"
    result = CliRunner().invoke(cli.main, ["explain", *pair, "--html", str(page)])
    assert result.exit_code == 0, result.stderr
    dom, console = opened(page, tmp_path / "profile")
    assert console == []
    assert "Javascript Error" not in dom
    drawing = dom[dom.index("<svg") : dom.rindex("</svg>")]
    assert drawing.count("mark-rect") >= 1
    for said in ("匹配权重的构成", "起点", "判定线", "合计", "同一纠纷的概率"):
        assert said in drawing
