from pipelines.settings import Settings


def test_the_notice_of_a_simulation_marks_what_is_made_of_its_exports(exports, tmp_path, monkeypatch):
    monkeypatch.delenv("LAKE_LABEL", raising=False)
    assert Settings(exports / "landing", tmp_path / "lake", tmp_path / "key").label == "模拟数据"
    assert Settings(tmp_path / "landing", tmp_path / "lake", tmp_path / "key").label is None


def test_a_person_may_say_how_the_data_is_marked(exports, tmp_path, monkeypatch):
    monkeypatch.setenv("LAKE_LABEL", "演练")
    assert Settings(tmp_path / "landing", tmp_path / "lake", tmp_path / "key").label == "演练"
    monkeypatch.setenv("LAKE_LABEL", "")
    assert Settings(exports / "landing", tmp_path / "lake", tmp_path / "key").label is None
