from click.testing import CliRunner

from pipelines.cli import main


def test_one_text_is_shown_as_the_lake_reads_it():
    text = "来电人李女士称老板何国富2025年3月5日起拖欠30余名工人工资3.5万，扬言砍人，电话138-0000-1234"
    printed = CliRunner().invoke(main, ["read", text])
    assert printed.exit_code == 0, printed.output
    for words in (
        "李女士",
        "来电（申请）一方",
        "何国富",
        "对方",
        "2025-03-05",
        "35,000 元",
        "30 人",
        "砍人",
        "13800001234",
    ):
        assert words in printed.output, words


def test_a_text_without_mentions_says_so():
    assert "没有读出" in CliRunner().invoke(main, ["read", "路灯不亮"]).output
