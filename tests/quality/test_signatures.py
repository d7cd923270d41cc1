from datetime import date, datetime

import pandas as pd
import pytest

from quality import signatures

DAY = date(2025, 3, 2)


def account(*rows):
    return pd.DataFrame(rows, columns=["source", "delivery_date", "file", "content_signature"])


def signed(*rows):
    columns = ["source", "delivery_date", "file", "content_signature", "decision", "signed_by", "note", "signed_at"]
    return pd.DataFrame(rows, columns=columns)


def signature(decision="accepted", *, file=None, content="a", by="甲", hour=8):
    return ("hotline", DAY, file, content, decision, by, None, datetime(2025, 3, 3, hour))


FILES = account(("hotline", DAY, "一.xlsx", "a"), ("hotline", DAY, "二.xlsx", "a"), ("grid", DAY, "三.jsonl", "g"))


@pytest.mark.parametrize("word", ["退回", "returned"])
def test_a_decision_may_be_given_in_chinese_or_as_code(word):
    assert signatures.decision_of(word) == "returned"


def test_an_unknown_decision_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="接收（accepted）、退回（returned）、改规则"):
        signatures.decision_of("同意")


def test_a_signature_covers_the_delivery_or_one_of_its_files_and_the_last_one_counts():
    both = signatures.standing(FILES, signed(signature(), signature("returned", file="二.xlsx", hour=9)))
    assert both["decision"].fillna("").tolist() == ["accepted", "returned", ""]
    later = signatures.standing(FILES, signed(signature("returned", hour=9), signature(hour=8)))
    assert later["decision"].fillna("").tolist() == ["returned", "returned", ""]


def test_what_nobody_signed_is_listed_and_a_delivery_counts_until_every_file_is_covered():
    found = signatures.unsigned(FILES, signed(signature(file="一.xlsx")))
    assert found[["source", "files", "unsigned_files", "was_signed"]].to_numpy().tolist() == [
        ["grid", 1, 1, False],
        ["hotline", 2, 1, True],
    ]
    whole = signatures.unsigned(FILES, signed(signature(file="一.xlsx"), signature(file="二.xlsx")))
    assert whole["source"].tolist() == ["grid"]


def test_another_content_needs_a_new_signature():
    found = signatures.unsigned(FILES, signed(signature(content="before")))
    assert found.loc[found["source"] == "hotline", ["unsigned_files", "was_signed"]].to_numpy().tolist() == [[2, True]]


def test_times_of_the_warehouse_and_of_the_lake_mean_the_same_day():
    published = FILES.assign(delivery_date=pd.to_datetime(FILES["delivery_date"]))
    assert signatures.unsigned(published, signed(signature()))["source"].tolist() == ["grid"]


def test_nothing_signed_and_nothing_delivered():
    assert len(signatures.unsigned(FILES, signed())) == 2
    assert signatures.unsigned(account(), signed()).empty
