import numpy as np
import pytest

from transforms.matching.store import Store


def test_rows_appended_by_a_killed_run_are_cut_off(tmp_path):
    store = Store.create(tmp_path)
    store.append("weight", np.arange(3, dtype=np.float32))
    store.commit()
    killed = Store.standing(tmp_path)
    killed.append("weight", np.arange(9, dtype=np.float32))
    assert Store.standing(tmp_path).array("weight").tolist() == [0, 1, 2]
    again = Store.standing(tmp_path)
    again.append("weight", np.array([7], np.float32))
    again.commit()
    assert Store.standing(tmp_path).array("weight").tolist() == [0, 1, 2, 7]


def test_what_takes_the_place_of_an_array_counts_only_once_committed(tmp_path):
    store = Store.create(tmp_path)
    store.put("idf", np.zeros(2))
    store.commit()
    killed = Store.standing(tmp_path)
    killed.put("idf", np.ones(5))
    assert Store.standing(tmp_path).array("idf").tolist() == [0, 0]
    later = Store.standing(tmp_path)
    later.put("idf", np.full(3, 4.0))
    later.commit()
    assert Store.standing(tmp_path).array("idf").tolist() == [4, 4, 4]


def test_a_new_store_leaves_the_standing_one_until_it_is_committed(tmp_path):
    first = Store.create(tmp_path)
    first.put("n", np.arange(2))
    first.commit()
    second = Store.create(tmp_path)
    second.put("n", np.arange(5))
    assert len(Store.standing(tmp_path).array("n")) == 2
    second.commit()
    assert len(Store.standing(tmp_path).array("n")) == 5
    assert [folder.name for folder in tmp_path.glob("store-*")] == ["store-1"]


def test_rows_of_another_kind_are_refused(tmp_path):
    store = Store.create(tmp_path)
    store.append("weight", np.arange(3, dtype=np.float32))
    with pytest.raises(ValueError, match="weight"):
        store.append("weight", np.arange(3))
