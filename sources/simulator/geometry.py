"""Coordinates as the systems write them: WGS84 in, the offsets of Chinese web maps out.

Here: the forward conversions that a simulated export needs. Not here: the way back (`transforms.coordinates`).
WGS84 degrees -> GCJ-02 degrees -> BD-09 degrees -> BD09-MC metres

The formulas are the widely published ones (evil transform for GCJ-02; Baidu's own JavaScript table for BD09-MC).
"""

import math

_A = 6378245.0
_EE = 0.00669342162296594323
# Baidu's polynomial for latitudes from 15 to 30 degrees; 玉溪 lies between 23 and 25.
_BAND = (
    -0.0003441963504368392,
    111320.7020576856,
    278.2353980772752,
    2485758.690035394,
    6070.750963243378,
    54821.18345352118,
    9540.606633304236,
    -2710.55326746645,
    1405.483844121726,
    22.5,
)


def to_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    """WGS84 degrees to GCJ-02 degrees."""
    x, y = longitude - 105.0, latitude - 35.0
    wave = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    d_lat += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    d_lat += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    d_lon += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    d_lon += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    radians = latitude / 180.0 * math.pi
    magic = 1 - _EE * math.sin(radians) ** 2
    d_lat = d_lat * 180.0 / (_A * (1 - _EE) / (magic * math.sqrt(magic)) * math.pi)
    d_lon = d_lon * 180.0 / (_A / math.sqrt(magic) * math.cos(radians) * math.pi)
    return longitude + d_lon, latitude + d_lat


def to_bd09(longitude: float, latitude: float) -> tuple[float, float]:
    """GCJ-02 degrees to BD-09 degrees."""
    turn = math.pi * 3000.0 / 180.0
    z = math.hypot(longitude, latitude) + 0.00002 * math.sin(latitude * turn)
    theta = math.atan2(latitude, longitude) + 0.000003 * math.cos(longitude * turn)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def to_bd09mc(longitude: float, latitude: float) -> tuple[float, float]:
    """WGS84 degrees (latitude 15 to 30) to BD09-MC metres."""
    lon, lat = to_bd09(*to_gcj02(longitude, latitude))
    t = lat / _BAND[9]
    y = _BAND[2] + t * (_BAND[3] + t * (_BAND[4] + t * (_BAND[5] + t * (_BAND[6] + t * (_BAND[7] + t * _BAND[8])))))
    return _BAND[0] + _BAND[1] * lon, y
