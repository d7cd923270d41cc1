"""Coordinates of the sources to WGS84.

Here: BD09-MC (Baidu Mercator metres), BD09, GCJ-02 and what tells them apart. Not here: from point to division.
longitude or X, latitude or Y -> degrees WGS84, null where nothing sensible

Formulas: GCJ-02 and BD09 as in the public `coordTransform` (MIT), inverse of GCJ-02 by three rounds of correction
(below 1 cm); BD09-MC polynomials as in Baidu's own JavaScript map, factors of `BMap.Projection`.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

# 云南省外接矩形，外扩约 0.1 度；之外（含 0,0）视为未定位
LONGITUDES = (97.4, 106.3)
LATITUDES = (21.0, 29.4)

_MC_BANDS = np.array([12890594.86, 8362377.87, 5591021.0, 3481989.83, 1678043.12, 0.0])
_MC_FACTORS = np.array(
    [
        [1.410526172116255e-8, 0.00000898305509648872, -1.9939833816331, 200.9824383106796, -187.2403703815547,
         91.6087516669843, -23.38765649603339, 2.57121317296198, -0.03801003308653, 17337981.2],
        [-7.435856389565537e-9, 0.000008983055097726239, -0.78625201886289, 96.32687599759846, -1.85204757529826,
         -59.36935905485877, 47.40033549296737, -16.50741931063887, 2.28786674699375, 10260144.86],
        [-3.030883460898826e-8, 0.00000898305509983578, 0.30071316287616, 59.74293618442277, 7.357984074871,
         -25.38371002664745, 13.45380521110908, -3.29883767235584, 0.32710905363475, 6856817.37],
        [-1.981981304930552e-8, 0.000008983055099779535, 0.03278182852591, 40.31678527705744, 0.65659298677277,
         -4.44255534477492, 0.85341911805263, 0.12923347998204, -0.04625736007561, 4482777.06],
        [3.09191371068437e-9, 0.000008983055096812155, 0.00006995724062, 23.10934304144901, -0.00023663490511,
         -0.6321817810242, -0.00663494467273, 0.03430082397953, -0.00466043876332, 2555164.4],
        [2.890871144776878e-9, 0.000008983055095805407, -3.068298e-8, 7.47137025468032, -0.00000353937994,
         -0.02145144861037, -0.00001234426596, 0.00010322952773, -0.00000323890364, 826088.5],
    ]
)  # fmt: skip
_A = 6378245.0
_EE = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0


def bd09mc_to_bd09(x: Array, y: Array) -> tuple[Array, Array]:
    """Returns degrees BD09 for Baidu Mercator metres (n each)."""
    band = np.argmax(np.abs(y)[:, None] >= _MC_BANDS[None, :], axis=1)
    factor = _MC_FACTORS[band]
    longitude = factor[:, 0] + factor[:, 1] * np.abs(x)
    ratio = np.abs(y) / factor[:, 9]
    latitude = np.zeros_like(ratio)
    for power in range(6, -1, -1):
        latitude = latitude * ratio + factor[:, 2 + power]
    return np.copysign(longitude, x), np.copysign(latitude, y)


def bd09_to_gcj02(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Returns degrees GCJ-02 for degrees BD09."""
    x, y = longitude - 0.0065, latitude - 0.006
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * _X_PI)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * _X_PI)
    return radius * np.cos(angle), radius * np.sin(angle)


def gcj02_to_bd09(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Returns degrees BD09 for degrees GCJ-02."""
    radius = np.hypot(longitude, latitude) + 0.00002 * np.sin(latitude * _X_PI)
    angle = np.arctan2(latitude, longitude) + 0.000003 * np.cos(longitude * _X_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def wgs84_to_gcj02(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Returns degrees GCJ-02 for degrees WGS84."""
    x, y = longitude - 105.0, latitude - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    d_latitude = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    d_latitude += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_latitude += (160.0 * np.sin(y / 12.0 * np.pi) + 320 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_longitude = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    d_longitude += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_longitude += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = latitude / 180.0 * np.pi
    magic = 1 - _EE * np.sin(radians) ** 2
    d_latitude = d_latitude * 180.0 / ((_A * (1 - _EE)) / (magic * np.sqrt(magic)) * np.pi)
    d_longitude = d_longitude * 180.0 / (_A / np.sqrt(magic) * np.cos(radians) * np.pi)
    return longitude + d_longitude, latitude + d_latitude


def gcj02_to_wgs84(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Returns degrees WGS84 for degrees GCJ-02."""
    guess_x, guess_y = longitude, latitude
    for _ in range(3):
        x, y = wgs84_to_gcj02(guess_x, guess_y)
        guess_x, guess_y = guess_x + longitude - x, guess_y + latitude - y
    return guess_x, guess_y


def to_wgs84(x: Array, y: Array, system: str) -> tuple[Array, Array]:
    """Returns longitude and latitude WGS84 (n each, NaN where there is none).

    Args:
        x: longitude in degrees, or metres for BD09-MC (n).
        y: latitude in degrees, or metres (n).
        system: ``wgs84``, ``gcj02``, ``bd09`` or ``bd09mc``. Values beyond 1,000 are metres whatever the name says,
            because some exports of one system carry degrees.

    Raises:
        ValueError: an unknown system.
    """
    if system not in ("wgs84", "gcj02", "bd09", "bd09mc"):
        raise ValueError(f"unknown coordinate system {system}")
    x, y = np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)
    bad = ~(np.isfinite(x) & np.isfinite(y)) | (x == 0) | (y == 0)
    x[bad], y[bad] = np.nan, np.nan
    swapped = (x >= LATITUDES[0]) & (x <= LATITUDES[1]) & (y >= LONGITUDES[0]) & (y <= LONGITUDES[1])
    x[swapped], y[swapped] = y[swapped], x[swapped]
    metres = np.abs(x) > 1000
    with np.errstate(invalid="ignore"):
        if metres.any():
            x[metres], y[metres] = bd09mc_to_bd09(x[metres], y[metres])
        baidu = metres | (system == "bd09") | (system == "bd09mc")
        if baidu.any():
            x[baidu], y[baidu] = bd09_to_gcj02(x[baidu], y[baidu])
        china = baidu | (system == "gcj02")
        if china.any():
            x[china], y[china] = gcj02_to_wgs84(x[china], y[china])
        outside = ~((x >= LONGITUDES[0]) & (x <= LONGITUDES[1]) & (y >= LATITUDES[0]) & (y <= LATITUDES[1]))
    x[outside], y[outside] = np.nan, np.nan
    return x, y
