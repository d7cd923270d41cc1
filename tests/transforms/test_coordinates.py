import numpy as np
import pytest

from transforms import coordinates


def test_gcj02_and_bd09_come_back_to_wgs84_within_a_metre():
    x, y = np.array([102.5450, 101.99]), np.array([24.3520, 23.60])
    gcj = coordinates.wgs84_to_gcj02(x, y)
    for system, point in (("gcj02", gcj), ("bd09", coordinates.gcj02_to_bd09(*gcj))):
        back = coordinates.to_wgs84(*point, system)
        assert np.allclose(back[0], x, atol=1e-5)
        assert np.allclose(back[1], y, atol=1e-5)


def test_baidu_metres_of_a_known_place_fall_where_it_is():
    # 天安门 116.403874, 39.914889 (BD09) is 12958160.97, 4825907.73 in BD09-MC
    longitude, latitude = coordinates.bd09mc_to_bd09(np.array([12958160.97]), np.array([4825923.77]))
    assert longitude[0] == pytest.approx(116.4039, abs=1e-3)
    assert latitude[0] == pytest.approx(39.915, abs=1e-3)


def test_points_not_located_or_outside_the_province_are_dropped_and_swapped_ones_turned():
    x, y = coordinates.to_wgs84(np.array([0, np.nan, 116.4, 24.35]), np.array([0, 24.3, 39.9, 102.5]), "wgs84")
    assert np.isnan(x[:3]).all()
    assert (x[3], y[3]) == (102.5, 24.35)
