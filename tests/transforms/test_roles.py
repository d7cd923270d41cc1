import pytest

from transforms import mentions, roles


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("报警人杨建国称与邻居李自明吵架", {"杨建国": "caller", "李自明": "other_party"}),
        ("申请人刘桂英诉被申请人赵永富", {"刘桂英": "caller", "赵永富": "other_party"}),
        ("周红梅反映隔壁普建平占道", {"周红梅": "caller", "普建平": "other_party"}),
        (
            "我叫代永祥，老板何来福不给钱，调解员李春燕到场",
            {"代永祥": "caller", "何来福": "other_party", "李春燕": "other"},
        ),
        ("尊敬的胡书记：我是杨斌宏", {"胡书记": "other", "杨斌宏": "caller"}),
        ("对方家长飞建平不露面", {"飞建平": "other_party"}),
    ],
)
def test_who_calls_and_with_whom_the_matter_is(text, expected):
    persons = mentions.find([text]).persons
    told = roles.roles(text, [(span.start, span.end) for span in persons])
    assert dict(zip([span.value for span in persons], told, strict=True)) == expected


def test_a_name_keeps_its_role_when_it_is_said_again():
    assert roles.roles("被申请人王明到场。王明说", [(4, 6), (9, 11)]) == ["other_party", "other_party"]
