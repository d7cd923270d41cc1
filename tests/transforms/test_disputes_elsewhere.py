"""Rows as systems of other cities and other clerks write them: types, classes and words that no source.yml here lists.

What each row is follows from exports.md and domain.md (咨询, facilities, 骚扰, 作废, nil and other-county rows are no
disputes; 噪音, 违建, 占道 conflicts and 矛盾纠纷 are), decided before the filter was asked.
"""

import pytest

from transforms import disputes

from .frames import build, record

REASON = disputes.rules()["reasons"]
PHRASE = dict(zip(["骚扰", "撤警", "误报", "副单", "无效"], disputes.rules()["police"]["phrases"], strict=True))

# source, type, class, text, outcome or status, reason (None: a dispute)
ROWS = [
    # 热线：诉求类型的别种写法
    ("hotline", "咨询类", "社保/养老", "想问一下灵活就业人员今年的缴费档次", "", "question"),
    ("hotline", "政策咨询", "公积金", "公积金异地转移要带什么证件", "", "question"),
    ("hotline", "业务查询", "", "查询一下我的医保卡办到哪一步了", "", "question"),
    ("hotline", "意见建议", "城市管理", "建议在东门口加一排长椅", "", "suggestion"),
    ("hotline", "建言献策", "", "希望文化馆周末也开放", "", "suggestion"),
    ("hotline", "表扬类", "", "社区的小李帮我找回了钱包，特来表扬", "", "praise"),
    ("hotline", "致谢", "", "谢谢你们上次协调，楼上已经不吵了", "", "praise"),
    ("hotline", "无效工单", "", "来电人不说话", "", "idle"),
    ("hotline", "骚扰电话", "", "来电后大笑挂断", "", "idle"),
    ("hotline", "其他", "", "误拨，没有说明诉求", "", "idle"),
    ("hotline", "其他类", "", "测试工单请忽略", "", "idle"),
    ("hotline", "投诉举报", "市场监管", "买的冰箱用了三天就坏，店里不认账", "", None),
    ("hotline", "投诉/咨询", "消费", "健身房关门了，我办的年卡找谁退", "", None),
    ("hotline", "信访", "", "村里征了我家两亩田，补偿款三年没给", "", None),
    ("hotline", "维权类", "", "干了四个月装修，老板只给生活费，余下的不认", "", None),
    ("hotline", "咨询类", "人社/工资", "本人在工地绑钢筋，包工头拖欠我两万块一直躲着，请问找哪个部门", "", None),
    ("hotline", "意见建议", "", "我家楼下烧烤店夜里吵得睡不着，多次交涉都不理，建议取缔", "", None),
    ("hotline", "", "", "楼上半夜拖椅子，跟他说了还骂人", "", None),
    ("hotline", None, None, "请问身份证到期在哪里换", "", "nothing"),
    ("hotline", None, "", "隔壁把公共过道砌墙封了，出入不了，找他理论不让拆", "", None),
    # 热线：类别是设施，文字是纠纷
    ("hotline", "求助", "市政/路灯", "邻居说路灯照他家，把灯线剪了，还跟我吵架", "", None),
    ("hotline", "求助", "供水/停水", "房东为了逼我们搬走，故意把水停了，押金也不退", "", None),
    ("hotline", "投诉", "园林绿化/树木", "一楼业主把公共绿地圈起来种菜，别的业主不满，双方吵了几次", "", None),
    ("hotline", "求助", "环境卫生/垃圾", "饭店把潲水倒在我家门口，说了不听还威胁我", "", None),
    ("hotline", "投诉", "交通运输/停车", "物业把车位都卖给外面的人，业主没地方停，物业拒不公开账目", "", None),
    # 热线：类别像纠纷，文字是设施或询问
    ("hotline", "求助", "市政/井盖", "菜市场门口井盖翘起来了，请派人来修", "", "service"),
    ("hotline", "求助", "供电", "整个村子从早上停电到现在，什么时候来电", "", "service"),
    ("hotline", "求助", "交通/红绿灯", "路口红绿灯一直闪黄灯", "", "service"),
    ("hotline", "投诉", "公交", "3路公交车等了四十分钟没来", "", "service"),
    ("hotline", "求助", "环卫", "垃圾桶满了没有清运", "", "service"),
    ("hotline", "咨询", "人社/工伤", "咨询工伤赔偿的申请材料", "", "question"),
    ("hotline", "咨询", "司法", "请问拖欠工资的投诉电话是多少", "", "question"),
    ("hotline", "咨询", "住建/物业", "想了解一下物业费的收费标准", "", "question"),
    ("hotline", "举报", "公安", "有人在出租房里开赌场，每天晚上几十人", "", "report"),
    ("hotline", "举报", "交通", "这辆面包车天天非法营运拉客", "", "report"),
    ("hotline", "求助", "农业", "房顶有马蜂窝，请帮忙摘除", "", "service"),
    # 110：警情类别的别种写法
    ("police", "", "非警务警情/矛盾纠纷/家庭", "儿子跟父亲要钱，吵起来了", "", None),
    ("police", "", "家庭矛盾", "媳妇报警", "", None),
    ("police", "", "经济纠纷类警情", "货款的事", "", None),
    ("police", "", "行政纠纷", "对征地不服", "", None),
    ("police", "", "噪音扰民", "楼下酒吧音响声大", "", None),
    ("police", "", "打架斗殴", "两个人在烧烤摊上打起来了", "双方因琐事互殴", None),
    ("police", "", "其他", "工人围着项目部讨要工钱", "", None),
    ("police", "", "", "租客不搬，房东换了锁，双方争执", "", None),
    ("police", "", "求助/其他", "租客与房东为押金吵架", "已调解", None),
    ("police", "", "交通事故", "两车剐蹭后司机互骂，互不相让", "", None),
    ("police", "", "治安/殴打他人", "邻居为排水沟打起来", "双方受轻微伤", None),
    ("police", "", "举报投诉", "隔壁KTV噪音扰民多次反映无果", "", None),
    ("police", "", "交通类/一般事故", "一辆轿车撞上护栏", "已拖走", "police"),
    ("police", "", "群众求助/开锁", "钥匙落家里了", "", "police"),
    ("police", "", "求助", "老人走失，穿蓝色上衣", "已找到", "police"),
    ("police", "", "盗窃", "电动车被偷", "受案", "police"),
    ("police", "", "电信诈骗", "刷单转了三万", "已止付", "police"),
    ("police", "", "咨询", "问怎么办居住证", "", "police"),
    ("police", "", "火灾", "山坡上冒烟", "系烧荒", "police"),
    ("police", "", "动物扰民/蛇", "院子里有蛇", "", "police"),
    ("police", "", "", "", "", "police"),
    ("police", "", "纠纷", "邻居吵架", "报警人要求撤销报警", "撤警"),
    ("police", "", "纠纷", "噪音", "与前一警情重复，作副单处理", "副单"),
    ("police", "", "纠纷", "打架", "到场未发现，系误报", "误报"),
    ("police", "", "其他", "无声电话", "", "骚扰"),
    ("police", "", "纠纷", "有人闹事", "经核系儿童拨打", "骚扰"),
    ("police", "", "纠纷", "", "无效警情", "无效"),
    ("police", "", "纠纷/经济", "网贷公司反复骚扰家人", "已劝导", None),
    # 城管：大类的别种写法，类别与文字不合
    ("citymgmt", "事件", "矛盾纠纷/邻里", "两家因滴水檐起争执", "", None),
    ("citymgmt", "事件类", "噪音扰民/娱乐噪音", "广场舞音响", "", None),
    ("citymgmt", "事件", "违法建设/楼顶加盖", "业主反映楼顶加盖房屋", "", None),
    ("citymgmt", "事件", "油烟污染", "住户反映餐馆油烟直排", "", None),
    ("citymgmt", "事件", "市容环境/占道经营", "摊主与店主为摊位打架", "", None),
    ("citymgmt", "事件", "施工管理/夜间施工", "居民与工地因夜间施工发生冲突", "", None),
    ("citymgmt", "部件", "公用设施/围栏", "两户因围栏推搡，互不相让", "", None),
    ("citymgmt", "社会服务管理", "劳动与社会保障", "工人反映被欠工钱", "", None),
    ("citymgmt", "事件", "", "商户与物业为摊位费争吵", "", None),
    ("citymgmt", "部件类", "园林设施/树池", "树池缺损", "", "part"),
    ("citymgmt", "部件", "交通设施/标志牌", "标志牌歪斜", "", "part"),
    ("citymgmt", "事件", "街面秩序/无照游商", "路边卖水果", "", "city"),
    ("citymgmt", "事件", "宣传广告/乱张贴", "墙上贴小广告", "", "city"),
    ("citymgmt", "事件", "突发事件/道路积水", "下雨积水", "", "city"),
    ("citymgmt", "", "", "道路上有抛洒物", "", "city"),
    ("citymgmt", "事件", "噪音扰民", "【作废】重复上报", "", "void"),
    # 网格、调解
    ("grid", "", "0299", "两家为院墙高低有意见", "", None),
    ("grid", "", "9900", "村民因吃席排座次生气，已上门劝", "", None),
    ("grid", "", "", "婆媳不和", "", None),
    ("grid", "", "9900", "本月排查，未发现矛盾纠纷", "", "nil"),
    ("grid", "", "", "日常走访，一切正常，无上报事项", "", "nil"),
    ("grid", "", "9900", "零报告", "", "nil"),
    ("grid", "", "0101", "夫妻闹离婚，走访中得知；除此之外无异常", "", None),
    ("mediation", "", "其他", "", "", None),
    ("mediation", "", "邻里", "申请人与被申请人就滴水问题", "", None),
    ("mediation", "", "邻里", "（作废）录入错误", "", "void"),
    # 别的来源：街道平台、留言
    ("messages", "", "", "请问暮坪大桥什么时候开工", "", "nothing"),
    ("messages", "", "", "小区电梯坏了半个月，物业不修还催物业费，业主们联名要求更换物业", "", None),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[3][:12]}")
def test_rows_of_other_exports(row):
    source, kind, path, text, outcome, reason = row
    uncoded = {"hotline": "诉求类型", "citymgmt": "问题类型"}
    known = {"咨询", "求助", "投诉", "建议", "举报", "感谢", "其他", "事件", "部件", "社会服务管理"}
    if kind and kind not in known:
        # what reading makes of a value that source.yml does not list
        values = {"request_type": "未知", "unknown_codes": [f"{uncoded[source]}={kind}"]}
    else:
        values = {"request_type": kind or None}
    row = record(source=source, source_category=path, text=text, outcome_text=outcome, **values)
    event = build([row]).event.iloc[0]
    expected = None if reason is None else REASON.get(reason, PHRASE.get(reason))
    assert (event["not_dispute_reason"] if not event["is_dispute"] else None) == expected


def test_a_status_that_source_yml_does_not_know_voids_too():
    uncoded = {"status": "未知", "unknown_codes": ["当前阶段名称=已作废"]}
    event = build([record(source="citymgmt", source_category="噪音扰民", text="吵架", **uncoded)]).event.iloc[0]
    assert event["not_dispute_reason"] == REASON["void"]


def test_a_county_elsewhere_is_named_in_the_basis():
    row = record(source="citymgmt", source_category="噪音扰民", text="吵架", county_name="建水县")
    event = build([row]).event.iloc[0]
    assert (event["not_dispute_reason"], event["decision_basis"]) == (REASON["elsewhere"], "区县：建水县")
