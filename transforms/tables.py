"""The tables that cleaning, matching and judging leave behind, all in the restricted zone.

Here: declarations only. Not here: the published copies and views (`warehouse.registry`), which mask what these hold.
raw_* -> core_event, core_party, core_reference, core_vault, core_intake -> core_link, core_dispute_event, core_ledger
      -> core_dispute, core_warning -> core_quality_result
"""

from sources.table import Column, Table
from sources.tables import ORIGIN, RAW_RECORD

_KEPT = [
    "source_record_id", "version_at", "reported_at", "occurred_at", "channel", "request_type", "title", "text",
    "outcome_text", "source_category", "first_category", "county_name", "town_name", "village_name", "is_confidential",
    "status", "closed_at", "deadline_at", "limit_workdays", "outcome", "outcome_at", "handling_unit", "handling_tier",
    "persons_involved", "scale_code", "difficulty", "risk_reported", "agreement_kind", "fulfilment",
    "is_judicially_confirmed", "is_visited", "is_contacted", "is_solved", "satisfaction", "delay_count",
    "unknown_codes",
]  # fmt: skip
_RECORD_COLUMNS = {column.name: column for column in RAW_RECORD.columns}

CORE_EVENT = Table(
    "core_event",
    "每条记录的每个版本一行：已清洗、已编码（受限区）",
    (
        Column("event_id", "text", "事件编号：ev_ 加来源与记录编号的散列，永不改变", "public"),
        *ORIGIN,
        *(_RECORD_COLUMNS[name] for name in _KEPT),
        Column("is_dispute", "boolean", "是否矛盾纠纷"),
        Column("not_dispute_reason", "text", "不是纠纷的原因，取值固定，可分组；是纠纷则为空"),
        Column("decision_basis", "text", "判为纠纷或不是的依据：类别、诉求类型、区县或文字中的词"),
        Column("category_code", "text", "纠纷类别，GB/T 31000-2015 四位代码，只知大类时为 xx99 或 9900"),
        Column("category_basis", "text", "类别从何而来：source 来源分类，text 文字，none 无，correction 人工更正"),
        Column("county_code", "text", "区县代码 6 位"),
        Column("town_code", "text", "乡镇街道代码 12 位"),
        Column("village_code", "text", "村社区代码 12 位"),
        Column("place_basis", "text", "地点从何而来：code column address text，可多项以 + 相连；correction 人工更正"),
        Column("place_confidence", "text", "地点有多可靠：高 中 低（领先其他可能的幅度，见 docs/addresses.md）"),
        Column(
            "place_inferred",
            "text",
            "地点中未写明、由别处推出的：county 由乡镇推区县，town 由村推乡镇，older 只写了旧名，"
            "sound 只是同音；以 + 相连，都写明则为空",
        ),
        Column("address", "text", "规范后的地址文字", "personal"),
        Column("road", "text", "道路名"),
        Column("road_number", "text", "门牌号"),
        Column("estate", "text", "小区、市场、园区、学校等名称"),
        Column("building", "text", "楼栋"),
        Column("unit", "text", "单元"),
        Column("room", "text", "房号", "personal"),
        Column("group_number", "text", "村民小组的序号"),
        Column("hamlet", "text", "自然村或有名字的村民小组，如 小矣资"),
        Column("landmark", "text", "地标，如 卫生院旁"),
        Column("longitude", "number", "经度 WGS84", "personal"),
        Column("latitude", "number", "纬度 WGS84", "personal"),
        Column("amount", "number", "涉及金额，元（来源列优先，其次文字）"),
        Column("headcount", "integer", "涉及人数（来源列优先，其次文字）"),
        Column("threat_words", "texts", "命中的扬言极端词，已排除杀虫、极端天气等"),
        Column("phone_tokens", "texts", "反映人电话的密钥令牌"),
        Column("text_published", "text", "去除电话、证件、姓名后的内容"),
        Column("title_published", "text", "去除电话、证件、姓名后的标题"),
    ),
    key=("source", "delivery_date", "file", "sheet", "row_number"),
    partitions=("delivery_date", "source"),
)

CORE_PARTY = Table(
    "core_party",
    "记录中的人与单位，含文字里提到的（受限区）",
    (
        Column("event_id", "text", "事件编号", "public"),
        *ORIGIN,
        Column("role", "text", "reporter respondent applicant party mentioned"),
        Column("kind", "text", "person 个人，organisation 单位，unknown 只有电话"),
        Column("name", "text", "规范后的姓名或名称；称呼（李女士）与打码（张**）保留原形", "personal"),
        Column("surname", "text", "姓（含复姓）", "personal"),
        Column("is_full_name", "boolean", "是否完整姓名（不是称呼或打码）"),
        Column("name_masked", "text", "发布用的打码姓名"),
        Column("gender", "text", "性别"),
        Column("id_token", "text", "证件号码的密钥令牌"),
        Column("phone_tokens", "texts", "电话的密钥令牌（已剔除无效号码、热线号码）"),
        Column("organisation_key", "text", "单位名称去除地名与通用后缀的核心词"),
        Column("address", "text", "住址", "personal"),
    ),
    partitions=("delivery_date", "source"),
)

CORE_REFERENCE = Table(
    "core_reference",
    "记录之间写明的编号关联，含文字里提到的编号（受限区）",
    (
        Column("event_id", "text", "事件编号", "public"),
        *ORIGIN,
        Column("kind", "text", "earlier 旧单，repeat_of 重复，related 关联，transfer 移送，mentioned 文字提到"),
        Column("number", "text", "所指记录的编号，规范后"),
    ),
    partitions=("delivery_date", "source"),
)

CORE_VAULT = Table(
    "core_vault",
    "身份保管库：令牌到原值，只供经授权的还原（受限区）",
    (
        Column("delivery_date", "date", "交付日期", "public"),
        Column("source", "text", "来源系统代码", "public"),
        Column("token", "text", "密钥令牌"),
        Column("kind", "text", "phone id"),
        Column("value", "text", "原值", "secret"),
    ),
    partitions=("delivery_date", "source"),
)

CORE_INTAKE = Table(
    "core_intake",
    "已收件并清洗完毕的交付；据此判断哪些交付待处理",
    (
        Column("delivery_date", "date", "交付日期", "public"),
        Column("source", "text", "来源系统代码", "public"),
        Column("signature", "text", "交付内容、来源定义与接收决定的指纹", "public"),
        Column("status", "text", "accepted 采用，held 挂起", "public"),
        Column("rows_valid", "integer", "可采用的行数", "public"),
    ),
    key=("delivery_date", "source"),
    partitions=("delivery_date", "source"),
)

CORE_ACCEPTANCE = Table(
    "core_acceptance",
    "人工接收被挂起的交付：谁、为什么；只增不改",
    (
        Column("delivery_date", "date", "交付日期", "public"),
        Column("source", "text", "来源系统代码", "public"),
        Column("content_signature", "text", "被接收的那一份内容的指纹；内容一变，须重新接收", "public"),
        Column("accepted_by", "text", "接收人", "internal"),
        Column("note", "text", "理由", "internal"),
    ),
    key=("delivery_date", "source", "content_signature"),
)

CORE_SIGNATURE = Table(
    "core_signature",
    "数据组的签字：谁看过哪一批交付、怎么定的；只增不改，以最后一次为准",
    (
        Column("source", "text", "来源系统代码", "public"),
        Column("delivery_date", "date", "交付日期", "public"),
        Column("file", "text", "只签其中一份文件时的文件名；空为整批", "public"),
        Column("content_signature", "text", "所签内容的指纹；重新交付后内容一变，须重新签", "public"),
        Column("decision", "text", "决定：accepted 接收，returned 退回，rule_change 改规则", "public"),
        Column("signed_by", "text", "签字人"),
        Column("note", "text", "说明"),
        Column("signed_at", "time", "签字时间", "public"),
    ),
    key=("source", "delivery_date", "file", "content_signature", "signed_at", "signed_by"),
)

CORE_QUARANTINE_HISTORY = Table(
    "core_quarantine_history",
    "发布过的每一条隔离记录后来怎样：仍隔离、已采用、不再出现（受限区）",
    (
        Column("source", "text", "来源系统代码", "public"),
        Column("delivery_date", "date", "交付日期", "public"),
        Column("identity", "text", "在这一批交付中认它的依据：记录编号；没有编号则为 文件|工作表|行号"),
        Column("occurrence", "integer", "同一批中同一编号的第几行，从 1 起", "public"),
        Column("file", "text", "首次隔离时的文件名", "public"),
        Column("sheet", "text", "首次隔离时的工作表", "public"),
        Column("row_number", "integer", "首次隔离时的行号", "public"),
        Column("source_record_id", "text", "来源系统的记录编号；不像编号的打码"),
        Column("rule", "text", "首次隔离的原因代码", "public"),
        Column("reason", "text", "首次隔离时的说明，已打码"),
        Column("column_name", "text", "首次隔离时出问题的列", "public"),
        Column("content_signature", "text", "首次隔离时那份内容的指纹", "public"),
        Column("content", "text", "没有编号的行的原样，JSON：重新交付后据此认它", "secret"),
        Column("first_seen_at", "date", "首次随发布可见的截止日期", "public"),
        Column("state", "text", "open 仍隔离，accepted 已采用，later 由之后的交付采用，gone 不在现行交付中", "public"),
        Column("settled_at", "date", "成为现状态的截止日期；仍隔离则为空", "public"),
        Column("how", "text", "redelivered 更正后重新交付，rule_change 规则改了，acceptance 人工接收", "public"),
        Column("accepted_delivery_date", "date", "采用它的那批交付的日期", "public"),
        Column("accepted_file", "text", "采用它的文件", "public"),
        Column("accepted_row_number", "integer", "采用它的行号", "public"),
    ),
    key=("source", "delivery_date", "identity", "occurrence"),
)

CORE_LINK = Table(
    "core_link",
    "打过分的记录对（event_id_l 小于 event_id_r）",
    (
        Column("event_id_l", "text", "事件编号（较小）", "public"),
        Column("event_id_r", "text", "事件编号（较大）", "public"),
        Column("match_probability", "number", "同一纠纷的概率 0 到 1", "public"),
        Column("match_weight", "number", "匹配权重，以 2 为底的对数似然比", "public"),
        Column("explanation", "text", "一句话理由，已打码", "public"),
        Column("decided_by", "text", "number 官方编号，model 模型，verdict 人工裁定", "public"),
    ),
    key=("event_id_l", "event_id_r"),
)

CORE_DISPUTE_EVENT = Table(
    "core_dispute_event",
    "属于纠纷的每条记录一行",
    (
        Column("dispute_id", "text", "纠纷编号", "public"),
        Column("event_id", "text", "事件编号", "public"),
        Column("source", "text", "来源系统代码", "public"),
        Column("source_record_id", "text", "来源系统的记录编号", "public"),
        Column("link_kind", "text", "first 首次，repeat 同人同事，same_matter 异人同事，transfer 系统间移送", "public"),
        Column("match_probability", "number", "与本纠纷其余记录相连的最高概率；首条为 1", "public"),
        Column("explanation", "text", "为什么归入这一纠纷，中文一句话，已打码", "public"),
        Column("linked_event_id", "text", "理由所指的另一条记录", "public"),
        Column("recurrence_of", "text", "本纠纷由哪一已化解纠纷复发而来（同一纠纷各行相同）", "public"),
    ),
    key=("event_id",),
)

CORE_LEDGER = Table(
    "core_ledger",
    "纠纷编号的户口簿：产生、并入、拆分、裁定，只增不改",
    (
        Column("dispute_id", "text", "纠纷编号", "public"),
        Column(
            "action",
            "text",
            "mint 产生，absorb 并入（other 并入本编号），split 拆分（本编号自 other 拆出），"
            "verdict 人工裁定（other：判为不同的另一纠纷）",
            "public",
        ),
        Column("other_dispute_id", "text", "另一纠纷编号", "public"),
        Column("event_id", "text", "产生编号的首条记录", "public"),
        Column("run_id", "text", "运行编号（由截止日期与输入决定）", "public"),
        Column("at", "time", "运行的截止时间", "public"),
        Column("reason", "text", "中文说明", "public"),
        Column("verdict_id", "text", "action 为 verdict 时，是哪一次裁定", "public"),
    ),
    key=("dispute_id", "action", "other_dispute_id", "run_id", "verdict_id"),
)

CORE_VERDICT = Table(
    "core_verdict",
    "人工裁定：两条记录是不是同一纠纷，及由此表达的拆分与合并；只增不改，每对以最后一次未撤回的为准",
    (
        Column("verdict_id", "text", "裁定编号；一次拆分或合并的各行同号", "public"),
        Column("kind", "text", "pair 一对记录，split 拆分纠纷，merge 合并纠纷，withdrawal 撤回", "public"),
        Column("event_id_l", "text", "事件编号（较小）；撤回为空", "public"),
        Column("event_id_r", "text", "事件编号（较大）；撤回为空", "public"),
        Column("verdict", "text", "same 同一，different 不同，unsure 不确定；撤回为空", "public"),
        Column("decided_at", "time", "裁定时间", "public"),
        Column("decided_by", "text", "裁定人"),
        Column("reason", "text", "理由，原文", "personal"),
        Column("reason_published", "text", "理由，去除电话、证件、姓名后"),
        Column("withdraws", "text", "所撤回的裁定的编号", "public"),
        Column("was_together", "boolean", "裁定之时两条记录是否已在同一纠纷；供评测", "public"),
        Column("was_probability", "number", "裁定之时这一对的匹配概率；没有打分则为空", "public"),
        Column("was_decided_by", "text", "裁定之时这一对由什么决定 number model verdict；没有打分则为空", "public"),
    ),
    key=("verdict_id", "event_id_l", "event_id_r"),
)

CORE_CORRECTION = Table(
    "core_correction",
    "人工更正：一条记录是不是纠纷、类别、地点；只增不改，每条记录每一项以最后一次未撤回的为准，原值仍在 core_event",
    (
        Column("correction_id", "text", "更正编号", "public"),
        Column("event_id", "text", "事件编号", "public"),
        Column("field", "text", "更正哪一项：is_dispute 是否纠纷，category_code 类别，area_code 地点", "public"),
        Column("value", "text", "更正为：true false，四位类别代码，区县 6 位或乡镇、村 12 位代码；撤回为空", "public"),
        Column("original_value", "text", "更正之时的值，写法同上", "public"),
        Column("corrected_at", "time", "更正时间", "public"),
        Column("corrected_by", "text", "更正人"),
        Column("reason", "text", "理由，原文", "personal"),
        Column("reason_published", "text", "理由，去除电话、证件、姓名后"),
        Column("withdraws", "text", "所撤回的更正的编号", "public"),
    ),
    key=("correction_id",),
)

CORE_TAKEN_ACT = Table(
    "core_taken_act",
    "运行已经采用的裁定、更正与对预警的签收判定；其余的待下次运行采用，一次运行之内不变",
    (
        Column("act_id", "text", "裁定、更正、签收或判定的编号", "public"),
        Column("taken_as_of", "date", "采用它的运行的截止日期", "public"),
    ),
    key=("act_id",),
)

CORE_DISPUTE = Table(
    "core_dispute",
    "每个矛盾纠纷一行",
    (
        Column("dispute_id", "text", "纠纷编号", "public"),
        Column("title", "text", "标题（已打码）", "public"),
        Column("category_code", "text", "纠纷类别 GB/T 31000", "public"),
        Column("county_code", "text", "区县代码 6 位", "public"),
        Column("town_code", "text", "乡镇街道代码 12 位", "public"),
        Column("village_code", "text", "村社区代码 12 位", "public"),
        Column("place", "text", "地点（小区、道路、村组；不含房号）", "public"),
        Column("first_reported_at", "time", "首次反映时间", "public"),
        Column("last_reported_at", "time", "最近反映时间", "public"),
        Column("event_count", "integer", "记录数", "public"),
        Column("source_count", "integer", "涉及系统数", "public"),
        Column("sources", "text", "涉及系统，以逗号相连", "public"),
        Column("reporter_count", "integer", "不同反映人数", "public"),
        Column("persons_involved", "integer", "涉及人数（各记录所写之最大与反映人数取大）", "public"),
        Column("amount", "number", "涉及金额，元", "public"),
        Column("scale_code", "text", "事件规模 01 个体性 02 一般群体性 03 重大群体性", "public"),
        Column("status", "text", "处理中 已化解 未化解", "public"),
        Column("resolved_at", "time", "化解时间", "public"),
        Column("resolved_by_tier", "text", "在哪一级化解：市 县 乡 村", "public"),
        Column("risk_level", "text", "风险等级 高 中 低", "public"),
        Column("risk_score", "number", "风险分", "public"),
        Column("risk_reasons", "text", "风险理由，中文，以；相连", "public"),
        Column("risk_explanation", "text", "等级、层级与期限如何得来，中文一句话，各理由附分数", "public"),
        Column("responsible_tier", "text", "负责层级：市 县 乡 村", "public"),
        Column("tier_due_at", "time", "负责层级应化解的期限：自首次反映起的工作日（risk.yml）", "public"),
        Column("is_tier_overrun", "boolean", "截至运行时点负责层级是否逾期未化解", "public"),
        Column("deadline_at", "time", "最早的未满足时限", "public"),
        Column("is_overdue", "boolean", "截至运行时点是否超期未办结", "public"),
        Column("is_confidential", "boolean", "含要求保密的记录", "public"),
        Column("recurrence_of", "text", "由哪一已化解（或沉寂 30 天以上、无在办记录）的纠纷复发而来", "public"),
    ),
    key=("dispute_id",),
)

CORE_WARNING = Table(
    "core_warning",
    "预警：逐日重放所得，已解除的也在内",
    (
        Column("warning_id", "text", "预警编号，由规则与对象散列", "public"),
        Column(
            "rule",
            "text",
            "规则代码 repeat_complaint mass extreme_words overdue recurrence cross_source_gap agreement_unfulfilled"
            " tier_overrun chronic_place person_many_matters company_many_matters surge",
            "public",
        ),
        Column("rule_name", "text", "规则中文名", "public"),
        Column("level", "text", "红 橙 黄 蓝", "public"),
        Column("dispute_id", "text", "纠纷编号；区域类预警为空", "public"),
        Column("area_code", "text", "区县 6 位，乡镇、村 12 位", "public"),
        Column("category_code", "text", "纠纷类别", "public"),
        Column("raised_for", "text", "对象：记录编号，或 类别@区域", "public"),
        Column("event_id", "text", "使其成立的那条记录；区域类预警为空", "public"),
        Column("first_seen_at", "date", "使其可知的交付日期", "public"),
        Column("last_seen_at", "date", "最近一次仍成立的交付日期", "public"),
        Column("closed_at", "date", "解除日期", "public"),
        Column("closed_reason", "text", "为何解除：情形解除 纠纷已化解 人工判定不实", "public"),
        Column("times_raised", "integer", "发出过几次：解除之后情形又起的加一", "public"),
        Column("last_raised_at", "date", "最近一次发出的日期", "public"),
        Column("measure", "number", "定级所依的数：人数、次数、超期天数、超出的记录数等，随规则", "public"),
        Column("judgement", "text", "人工判定：属实 不实 已知；没有判定则为空", "public"),
        Column("acknowledged_at", "time", "最近一次签收的时间；没有签收则为空", "public"),
        Column("evidence", "text", "依据，中文一句话，含数字", "public"),
        Column("status", "text", "open 生效，closed 已解除", "public"),
    ),
    key=("warning_id",),
)

CORE_WARNING_STEP = Table(
    "core_warning_step",
    "预警经过：每条预警哪一天发生了什么，按当日所知；之后到的数据不改之前的",
    (
        Column("warning_id", "text", "预警编号", "public"),
        Column("day", "date", "哪一天（运行所至之日）", "public"),
        Column("what", "text", "新发 升级 更新 解除 再发", "public"),
        Column("level", "text", "此后的级别 红 橙 黄 蓝", "public"),
        Column("measure", "number", "定级所依的数", "public"),
        Column("evidence", "text", "按当日所知的依据，中文一句话", "public"),
        Column("reason", "text", "解除的原因；不是解除则为空", "public"),
    ),
    key=("day", "warning_id", "what"),
)

CORE_WARNING_NOTICE = Table(
    "core_warning_notice",
    "预警告知：哪一天把哪一条告知哪一级中心，排第几；超出当日上限的暂缓，也各占一行",
    (
        Column("notice_date", "date", "告知日期（运行所至之日）", "public"),
        Column("recipient_code", "text", "接收单位的区划代码：市、区县 6 位，乡镇、村 12 位", "public"),
        Column("recipient_tier", "text", "接收单位层级：市 县 乡 村", "public"),
        Column("warning_id", "text", "预警编号", "public"),
        Column("rule", "text", "规则代码", "public"),
        Column("level", "text", "当日的级别 红 橙 黄 蓝", "public"),
        Column("told_because", "text", "因何告知：新发 升级 再发", "public"),
        Column("raised_on", "date", "该事由出现的日期；早于告知日期的是暂缓过的", "public"),
        Column("rank", "integer", "当日该单位各条中排第几，1 最急", "public"),
        Column("is_held_back", "boolean", "是否因当日上限而暂缓", "public"),
        Column("held_back_reason", "text", "为何暂缓；没有暂缓则为空", "public"),
    ),
    key=("notice_date", "recipient_code", "rank"),
)

CORE_WARNING_ACT = Table(
    "core_warning_act",
    "对预警的签收与判定：谁、何时、为何；只增不改，每条预警每一种以最后一次未撤回的为准",
    (
        Column("act_id", "text", "编号，以 w_ 开头", "public"),
        Column("warning_id", "text", "预警编号", "public"),
        Column("rule", "text", "当时的规则代码", "public"),
        Column("event_id", "text", "当时使其成立的记录；据此在编号变化后找到同一预警", "public"),
        Column("raised_for", "text", "当时的对象", "public"),
        Column("kind", "text", "acknowledge 签收，judge 判定，withdrawal 撤回", "public"),
        Column("judgement", "text", "属实 不实 已知；签收与撤回为空", "public"),
        Column("was_level", "text", "当时的级别", "public"),
        Column("acted_at", "time", "何时", "public"),
        Column("acted_by", "text", "谁"),
        Column("note", "text", "说明，原文", "personal"),
        Column("note_published", "text", "说明，去除电话、证件、姓名后"),
        Column("withdraws", "text", "所撤回的编号", "public"),
    ),
    key=("act_id",),
)

CORE_QUALITY_RESULT = Table(
    "core_quality_result",
    "质量检查结果：每次运行、每条期望一行；只有计数，没有值",
    (
        Column("as_of", "date", "运行的截止日期", "public"),
        Column("suite", "text", "检查套件，如 hotline、event、dispute", "public"),
        Column("suite_label", "text", "套件中文名", "public"),
        Column("expectation", "text", "期望代码", "public"),
        Column("column_name", "text", "所查的列", "public"),
        Column("dimension", "text", "维度（GB/T 36344）：完整性 准确性 一致性 及时性 唯一性 有效性", "public"),
        Column("severity", "text", "error 契约，warn 观察", "public"),
        Column("success", "boolean", "是否通过", "public"),
        Column("evaluated_rows", "integer", "查了多少行（按交付检查的为交付数）", "public"),
        Column("unexpected_count", "integer", "不符的行数", "public"),
        Column("unexpected_share", "number", "不符的比例，0 到 1", "public"),
        Column("allowed_share", "number", "允许不符的比例", "public"),
        Column("says", "text", "期望的中文说明", "public"),
        Column("detail", "text", "这一次看到了什么，中文；没有可说的为空", "public"),
    ),
    key=("as_of", "suite", "expectation"),
)

CORE_DELIVERY_SCORE = Table(
    "core_delivery_score",
    "每批交付的得分，0 到 100，依 GB/T 36344；没有可评的为空。怎样算见质量网页",
    (
        Column("source", "text", "来源系统代码", "public"),
        Column("delivery_date", "date", "交付日期", "public"),
        Column("completeness", "number", "完整性", "public"),
        Column("accuracy", "number", "准确性", "public"),
        Column("consistency", "number", "一致性", "public"),
        Column("timeliness", "number", "及时性", "public"),
        Column("uniqueness", "number", "唯一性", "public"),
        Column("validity", "number", "有效性，计入未被隔离的比例", "public"),
        Column("score", "number", "总分：能评的维度的平均", "public"),
    ),
    key=("source", "delivery_date"),
)

CORE_COLUMN_QUALITY = Table(
    "core_column_quality",
    "各来源最近 30 批交付中每一列空了多少、有多少不能用：按来源单位自己的列名与所写的值",
    (
        Column("source", "text", "来源系统代码", "public"),
        Column("delivery_date", "date", "交付日期", "public"),
        Column("side_list", "text", "附表名；主表为空文本", "public"),
        Column("column_name", "text", "列名：source.yml 所登记的，没有登记则如交付", "public"),
        Column("is_declared", "boolean", "是否登记在 source.yml", "public"),
        Column("row_count", "integer", "行数（不含标题、合计与错位的行）", "public"),
        Column("empty_count", "integer", "空着的，含“无”“NULL”一类占位", "public"),
        Column("invalid_count", "integer", "写了但不能用的：因它隔离、未登记、不是时间或数字、不是号码", "public"),
    ),
    key=("source", "delivery_date", "side_list", "column_name"),
)

CORE_MATCH_MODEL = Table(
    "core_match_model",
    "匹配模型的各级别：每个版本首次与最近一次运行时的参数与所见；参数全文在受限区 models/<版本>.json",
    (
        Column("version", "text", "模型版本：训练或采用之日与内容的散列", "public"),
        Column("as_of", "date", "哪次运行所见（截止日期）", "public"),
        Column("records", "integer", "该次参与比较的记录数", "public"),
        Column("candidates", "integer", "该次候选对数", "public"),
        Column("matched_share", "number", "匹配率：候选对中模型打分过零的比例", "public"),
        Column("comparison", "text", "比较项代码，如 person", "public"),
        Column("comparison_name", "text", "比较项名称", "public"),
        Column("level", "text", "级别代码；missing 为无从比较", "public"),
        Column("level_name", "text", "级别名称", "public"),
        Column("level_order", "integer", "级别次序：0 无从比较，1 最强", "public"),
        Column("m", "number", "同一纠纷的对落在此级的概率；无从比较的为空", "public"),
        Column("u", "number", "不同纠纷的对落在此级的概率；无从比较的为空", "public"),
        Column("weight", "number", "此级的权重，以 2 为底的对数；有决策树时只供对照", "public"),
        Column("mean_contribution", "number", "此级的对平均被加减多少权重：决策树（没有则权重）实际所给", "public"),
        Column("candidate_count", "integer", "抽看的候选对（至多 20 万）中落在此级的", "public"),
        Column("match_count", "integer", "其中打分过零的", "public"),
    ),
    key=("version", "as_of", "comparison", "level"),
)

CORE_MATCH_SCORE = Table(
    "core_match_score",
    "各模型版本最近一次运行的得分分布：相隔不超过 31 天的候选对，按较晚一条的月份",
    (
        Column("version", "text", "模型版本", "public"),
        Column("as_of", "date", "哪次运行所见（截止日期）", "public"),
        Column("month", "date", "月首日（较晚一条的受理时间）", "public"),
        Column("bin", "integer", "第几档：0 为权重低于 -12，每 2 一档，13 为 12 以上", "public"),
        Column("candidate_count", "integer", "候选对数", "public"),
        Column("match_count", "integer", "其中打分过零的", "public"),
    ),
    key=("version", "month", "bin"),
)

CORE_TABLES = (
    CORE_EVENT, CORE_PARTY, CORE_REFERENCE, CORE_VAULT, CORE_INTAKE, CORE_ACCEPTANCE, CORE_SIGNATURE,
    CORE_QUARANTINE_HISTORY, CORE_LINK, CORE_DISPUTE_EVENT, CORE_LEDGER, CORE_VERDICT, CORE_CORRECTION, CORE_TAKEN_ACT,
    CORE_MATCH_MODEL, CORE_MATCH_SCORE, CORE_DISPUTE, CORE_WARNING, CORE_WARNING_STEP, CORE_WARNING_NOTICE,
    CORE_WARNING_ACT, CORE_QUALITY_RESULT, CORE_DELIVERY_SCORE, CORE_COLUMN_QUALITY,
)  # fmt: skip
