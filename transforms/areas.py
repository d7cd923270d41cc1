"""The published table of areas, and the paths between levels.

Here: codes, names, parents. Not here: from words to an area (`transforms.address`).
sources.reference.divisions -> area table
"""

import pandas as pd

from sources import reference


def short_code(codes: pd.Series, levels: pd.Series) -> pd.Series:
    """Returns lake codes for 12-digit division codes: city and county 6 digits, town and village 12."""
    return codes.where(levels.isin(["town", "village"]), codes.str[:6])


def table() -> pd.DataFrame:
    """One row per division of 玉溪: area_code, area_name, level (city county town village), parent_code, full_name.

    ``area_code``: city and county 6 digits, town and village 12. ``full_name`` starts at the county.
    """
    frame = reference.divisions()
    codes = short_code(frame["code"], frame["level"])
    lake_code = dict(zip(frame["code"], codes, strict=True))
    names = dict(zip(codes, frame["name"], strict=True))
    result = pd.DataFrame(
        {
            "area_code": codes,
            "area_name": frame["name"],
            "level": frame["level"],
            "parent_code": frame["parent"].map(lake_code),
        }
    )
    parents = dict(zip(result["area_code"], result["parent_code"], strict=True))

    def full_name(code: str) -> str:
        parts = [names[code]]
        while isinstance(parents.get(code), str):
            code = parents[code]
            if code != reference.CITY_CODE:
                parts.append(names[code])
        return "".join(reversed(parts))

    result["full_name"] = [full_name(code) for code in result["area_code"]]
    return result
