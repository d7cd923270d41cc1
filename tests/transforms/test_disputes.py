import pytest

from transforms import disputes

from .frames import build, record

POLICE = {"source": "police"}
CITY = {"source": "citymgmt", "request_type": "事件"}


def decide(**values):
    event = build([record(**values)]).event.iloc[0]
    why = None if event["is_dispute"] else f"{event['not_dispute_reason']}（{event['decision_basis']}）"
    return event["is_dispute"], why


@pytest.mark.parametrize(
    "values",
    [
        {"request_type": "求助", "text": "摆摊卖水果，秤被收走，双方拉扯", "source_category": "城市管理/摊点管理"},
        {"request_type": "投诉", "text": "交了学费培训班停了，老师也联系不上", "source_category": "教育/培训"},
        {"request_type": "求助", "text": "有人在门口路上堆石头，拖拉机过不去，村上没说好"},
        {"request_type": "投诉", "text": "公司拖欠我三个月工资，一直不给结"},
        {"request_type": "求助", "text": "楼上漏水到我家，多次协商不成"},
        {"request_type": "咨询", "text": "我在某公司上班被拖欠工资8000元，老板拒不支付，请问怎么办"},
        {"request_type": "举报", "text": "隔壁违章建筑挡住采光", "source_category": "自然资源/违法建设"},
        {**POLICE, "text": "邻居之间吵架", "source_category": "纠纷/邻里纠纷"},
        {
            "source": "police",
            "text": "因琐事打架",
            "source_category": "行政（治安）类警情/殴打他人",
            "outcome_text": "双方因琐事发生口角",
        },
        {**POLICE, "text": "催收骚扰家人", "source_category": "纠纷/经济纠纷"},
        {**CITY, "text": "商户夜间扰民，居民与店主发生争执", "source_category": "街面秩序/噪音扰民"},
        {**CITY, "request_type": "社会服务管理", "text": "邻里矛盾", "source_category": "矛盾纠纷/邻里"},
        {"source": "grid", "text": "两家地界有分歧", "source_category": "0901"},
        {"source": "mediation", "text": "双方就赔偿协商", "source_category": "损害赔偿"},
    ],
)  # fmt: skip
def test_two_sides_make_a_dispute(values):
    assert decide(**values)[0]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"request_type": "咨询", "text": "请问公积金如何提取"}, "咨询"),
        ({"request_type": "感谢", "text": "感谢社区工作人员"}, "感谢"),
        ({"request_type": "建议", "text": "建议增设公交站"}, "建议"),
        ({"request_type": "求助", "text": "路灯不亮请维修", "source_category": "住房和城乡建设/市政设施/路灯"}, "服务"),
        ({"request_type": "投诉", "text": "小区停水何时恢复", "source_category": "住房和城乡建设/供水/停水"}, "服务"),
        ({**POLICE, "text": "与妻子吵架", "source_category": "纠纷/家庭", "outcome_text": "报警人撤警"}, "撤警"),
        ({**POLICE, "text": "打架", "source_category": "纠纷/邻里", "outcome_text": "骚扰电话，未派警"}, "骚扰"),
        ({**POLICE, "text": "噪音", "source_category": "纠纷/噪音", "outcome_text": "重复警情，副单"}, "副单"),
        ({**POLICE, "text": "请帮忙挪车", "source_category": "群众紧急求助/挪车"}, "警情类别：群众紧急求助/挪车"),
        ({**CITY, "request_type": "部件", "text": "井盖破损", "source_category": "公用设施/井盖"}, "部件"),
        ({**CITY, "text": "店外摆摊", "source_category": "街面秩序/占道经营"}, "对立双方"),
        ({**CITY, "status": "作废", "text": "噪音扰民", "source_category": "街面秩序/噪音扰民"}, "作废"),
        ({**CITY, "county_name": "晋宁区", "text": "噪音扰民", "source_category": "街面秩序/噪音"}, "晋宁区"),
        ({**POLICE, "division_code": "530112", "text": "吵架", "source_category": "纠纷/邻里"}, "530112"),
        ({"source": "grid", "text": "本周辖区无矛盾纠纷，零报告", "source_category": "9900"}, "零报告"),
        ({"request_type": "求助", "text": "马蜂窝在屋檐下，对方没有动手"}, ""),
        ({"request_type": "举报", "title": "聚众赌博", "text": "某茶室二楼有人打麻将赌钱，请查处"}, ""),
        ({"request_type": "其他", "text": "来电人辱骂话务员后挂机"}, ""),
    ],
)  # fmt: skip
def test_whatever_has_no_second_side_is_none_and_says_why(values, reason):
    is_dispute, why = decide(**values)
    assert not is_dispute
    assert reason in why


def test_a_row_of_another_county_is_ours_when_its_address_says_so():
    own = {**POLICE, "division_code": "530112", "text": "吵架", "source_category": "纠纷/邻里"}
    assert decide(**own, address="玉溪市红塔区玉兴街道")[0]


def test_a_wrong_division_code_yields_to_a_county_in_the_address_or_the_station():
    wrong = {**POLICE, "division_code": "532524", "text": "双方争吵", "source_category": "纠纷/邻里"}
    assert decide(**wrong, address="通海县宏达商业广场工地")[0]
    assert decide(**wrong, address="湖畔国际城售楼部", unit_code="530402012050")[0]
    assert not decide(**wrong, address="建水县曲江镇", unit_code="530423004000")[0]
    assert not decide(**wrong, address="某小区")[0]


def test_an_address_elsewhere_tells_where_no_column_names_a_county():
    is_dispute, why = decide(**POLICE, address="云南省红河州建水县临安镇", text="吵架", source_category="纠纷/邻里")
    assert not is_dispute and "建水县" in why


def test_the_province_or_the_city_as_a_whole_is_not_elsewhere():
    for code in ("530000", "530400", "530402"):
        assert decide(source="police", division_code=code, text="吵架", source_category="纠纷/邻里")[0]
    assert not decide(source="police", county_name="昆明市晋宁区", text="吵架", source_category="纠纷/邻里")[0]


def test_without_a_type_the_title_tells():
    assert not decide(source="messages", title="请问二孩准生证如何办理", text="想了解办理流程")[0]
    assert decide(source="messages", title="投诉物业乱收费", text="物业强制收费，拒不退款")[0]


def test_every_reason_is_chinese_and_disputes_have_none():
    rows = [
        record(source_record_id=str(n), row_number=n, request_type=kind)
        for n, kind in enumerate(["咨询", "投诉", None])
    ]
    event = build(rows).event
    assert event["not_dispute_reason"].isna().tolist() == event["is_dispute"].tolist()
    assert set(event["not_dispute_reason"].dropna()) <= set(disputes.reasons())
    assert len(set(disputes.reasons())) == len(disputes.reasons())


def test_what_spoke_for_a_dispute_is_told():
    rows = [
        record(source_record_id="1", row_number=1, request_type="投诉", text="老板拖欠工资"),
        record(source_record_id="2", row_number=2, source="police", source_category="纠纷/邻里", text="报警"),
        record(source_record_id="3", row_number=3, source="grid", text="两家不和"),
    ]
    assert build(rows).event["decision_basis"].tolist() == ["文字：拖欠", "类别：纠纷/邻里", "来源：纠纷系统"]
