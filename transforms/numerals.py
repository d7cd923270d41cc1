"""Numbers in words: 三百五十, 两千, 35.

Here: the value of one written number. Not here: what it counts (`transforms.headcount`, `transforms.mentions`).
text of a number -> float
"""

CHINESE = "一二两三四五六七八九十百千"


def number(text: str) -> float:
    """Returns a number in digits or Chinese numerals below 10,000: 三百五十 -> 350; 几, 数 count as 3.

    Of two digits side by side (三四十) the first counts.
    """
    plain = text.replace(",", "").replace("，", "")
    if plain.replace(".", "", 1).isdigit():
        return float(plain)
    total, current = 0.0, 0.0
    for character in text:
        place = "十百千".find(character)
        if place >= 0:
            total += (current or 1) * 10 ** (place + 1)
            current = 0
        elif not current:
            current = (
                3 if character in "几数" else 2 if character == "两" else max(0, "零一二三四五六七八九".find(character))
            )
    return total + current
