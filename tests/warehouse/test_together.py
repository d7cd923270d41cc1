import pandas as pd
import pytest

from warehouse.lake import Lake
from warehouse.together import finish_interrupted, replace_together

KEY = b"k" * 32


def member(dispute):
    return pd.DataFrame([{"dispute_id": dispute, "event_id": "ev_1", "source": "hotline", "source_record_id": "1"}])


def ledger(dispute):
    return pd.DataFrame([{"dispute_id": dispute, "action": "mint", "event_id": "ev_1", "run_id": "r"}])


def ids(lake):
    return [lake.read(name)["dispute_id"].tolist() for name in ("core_ledger", "core_dispute_event")]


def test_a_kill_between_two_tables_leaves_both_new_after_the_next_start(tmp_path, monkeypatch):
    lake = Lake.open(tmp_path / "lake", KEY)
    replace_together(lake, {"core_ledger": ledger("d_old"), "core_dispute_event": member("d_old")})
    real = Lake.replace

    def dies_at_the_second(self, table, frame, partitions=None):
        if table == "core_ledger":
            raise KeyboardInterrupt
        return real(self, table, frame, partitions)

    monkeypatch.setattr(Lake, "replace", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        replace_together(lake, {"core_ledger": ledger("d_new"), "core_dispute_event": member("d_new")})
    monkeypatch.undo()
    assert ids(lake) == [["d_old"], ["d_new"]]
    assert finish_interrupted(lake)
    assert ids(lake) == [["d_new"], ["d_new"]]
    assert not finish_interrupted(lake)


def test_a_faulty_frame_replaces_nothing(tmp_path):
    lake = Lake.open(tmp_path / "lake", KEY)
    replace_together(lake, {"core_ledger": ledger("d_old"), "core_dispute_event": member("d_old")})
    with pytest.raises(KeyError):
        replace_together(lake, {"core_ledger": ledger("d_new"), "core_dispute_event": pd.DataFrame({"nonsense": [1]})})
    assert ids(lake) == [["d_old"], ["d_old"]]
