"""The filter on real messages that were labelled by eye; the figures of docs/filter.md must not get worse unseen."""

from tests.bench import is_dispute


def test_the_filter_keeps_its_level_on_labelled_messages(shared_data):
    found = is_dispute.messages(shared_data / "citizen_messages")
    assert len(found) == 302
    measured = is_dispute.rates(found)
    assert float(str(measured["查准"])) >= 0.80
    assert float(str(measured["查全"])) >= 0.88
