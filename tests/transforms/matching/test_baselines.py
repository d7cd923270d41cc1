from transforms.matching import baselines


def test_the_phone_rule_joins_what_lies_within_thirty_days_and_chains(lake):
    con = lake(
        [
            ("ev_a", {"reported_at": "2025-03-01"}),
            ("ev_b", {"reported_at": "2025-03-20"}),
            ("ev_c", {"reported_at": "2025-04-15"}),
            ("ev_d", {"reported_at": "2025-06-01"}),
        ],
        [(f"ev_{name}", {"phone_tokens": ["p"]}) for name in "abcd"],
    )
    found = baselines.same_phone(con).set_index("source_record_id")["dispute_id"]
    assert found["a"] == found["b"] == found["c"] != found["d"]
    assert baselines.nothing(con)["dispute_id"].is_unique
