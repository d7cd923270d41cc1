"""Numbers in words: 三百五十, 两千, 35, 3万5, 陆仟.

Here: the value of one written number. Not here: what it counts (`transforms.headcount`, `transforms.amounts`).
text of a number -> float
"""

import re

CHINESE = "一二两三四五六七八九十百千"
# As clerks write sums so that nobody alters them
FORMAL = "零〇壹贰叁肆伍陆柒捌玖拾佰仟"

_PLAIN = str.maketrans("〇壹贰叁肆伍陆柒捌玖拾佰仟圆，", "零一二三四五六七八九十百千元,")
_UNITS = {"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "w": 1e4, "W": 1e4, "亿": 1e8}
_PART = re.compile(r"\d[\d,]*(?:\.\d+)?|.")


def number(text: str) -> float:
    """Returns a number in digits, Chinese numerals or both: 三百五十 -> 350, 3万5 -> 35000, 2千3百 -> 2300.

    几, 数 count as 3 (几十 is 30), 上, 近, 成 as 1 (上百 is 100); of two digits side by side (三四十) the first counts.
    """
    plain = text.translate(_PLAIN)
    if plain.replace(",", "").replace(".", "", 1).isdigit():
        return float(plain.replace(",", ""))
    total, section, current = 0.0, 0.0, None
    last, zero = 0.0, False
    for part in _PART.findall(plain):
        if part[0].isdigit() and part[0].isascii():
            current = float(part.replace(",", ""))
        elif part in "零一二三四五六七八九两几数上近成":
            zero = zero or part == "零"
            if not current:
                current = float({"两": 2, "几": 3, "数": 3, "上": 1, "近": 1, "成": 1}.get(part, 0)) or float(
                    max(0, "零一二三四五六七八九".find(part))
                )
        elif part in _UNITS:
            unit = _UNITS[part]
            if unit < 1e4:
                section += (1.0 if current is None or current == 0 else current) * unit
            else:
                section += current or 0.0
                total = (total + (section or 1.0)) * unit if unit > 1e4 else total + (section or 1.0) * unit
                section = 0.0
            current, last, zero = None, unit, False
    if current is not None:
        # 3万5 is 35,000 and 一百五 is 150, but 三百零五 is 305
        short = last >= 1e2 and current < 10 and current == int(current) and not zero
        section += current * last / 10 if short else current
    return total + section
