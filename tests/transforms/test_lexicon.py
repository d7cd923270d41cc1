import re

import numpy as np

from transforms.lexicon import Joined, Lexicon


def test_it_finds_what_a_search_for_each_word_finds():
    words = ["工资", "拖欠工资", "资", "欠", "玉溪市红塔区", "红塔"]
    texts = ["公司拖欠工资", "", "玉溪市红塔区红塔", "资资", "市红", "塔"]
    lexicon = Lexicon(words)
    hits = lexicon.find(Joined(texts))
    found = set(zip(hits.row.tolist(), hits.start.tolist(), [words[i] for i in hits.word.tolist()], strict=True))
    assert found == {
        (row, match.start(), word)
        for row, text in enumerate(texts)
        for word in words
        for match in re.finditer(f"(?={word})", text)
    }


def test_longest_drops_words_inside_longer_ones():
    lexicon = Lexicon(["工资", "拖欠工资", "拖欠"])
    hits = lexicon.find(Joined(["拖欠工资，工资"])).longest()
    assert [lexicon.words[word] for word in hits.word.tolist()] == ["拖欠工资", "工资"]


def test_characters_beyond_the_basic_plane_do_not_shift_places():
    hits = Lexicon(["漏水"]).find(Joined(["𠮷😀漏水"]))
    assert np.array_equal(hits.start, [2])
