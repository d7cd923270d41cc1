"""The single registry of tables: what the restricted zone stores, what the lake publishes.

Here: which tables there are, and for the published ones their columns, Chinese comments, sensitivity and how their
files are cut. Not here: the declarations of restricted tables (`sources.tables`, `transforms.tables`), the SQL that
fills a published table (`warehouse/sql/published/<view>.sql`), storage (`warehouse.lake`), publication
(`warehouse.publish`).
sources.tables + transforms.tables -> RESTRICTED -> lake -> PUBLISHED -> views, comments, data_dictionary
"""

from dataclasses import dataclass

from sources.table import Column, Table
from sources.tables import ORIGIN, RAW_TABLES
from transforms.tables import (
    CORE_COLUMN_QUALITY,
    CORE_CORRECTION,
    CORE_DELIVERY_SCORE,
    CORE_DISPUTE,
    CORE_DISPUTE_EVENT,
    CORE_EVENT,
    CORE_LEDGER,
    CORE_LINK,
    CORE_MATCH_MODEL,
    CORE_QUALITY_RESULT,
    CORE_QUARANTINE_HISTORY,
    CORE_SIGNATURE,
    CORE_TABLES,
    CORE_VERDICT,
    CORE_WARNING,
    CORE_WARNING_ACT,
    CORE_WARNING_NOTICE,
    CORE_WARNING_STEP,
)

RESTRICTED: dict[str, Table] = {table.name: table for table in (*RAW_TABLES, *CORE_TABLES)}


@dataclass(frozen=True)
class View:
    """A published table and the view over it.

    Attributes:
        table: name, Chinese comment, columns; ``key`` orders its rows.
        origin: the restricted or published tables it is made from.
        month_of: date or time column whose month cuts its files, so that a day's publication rewrites one month;
            None: one file.
    """

    table: Table
    origin: tuple[str, ...]
    month_of: str | None = None

    @property
    def name(self) -> str:
        """Name of the view, and of the SQL file that fills it."""
        return self.table.name


def _of(table: Table, *names: str) -> tuple[Column, ...]:
    """Columns of a restricted table, as they are described there."""
    by_name = {column.name: column for column in table.columns}
    return tuple(by_name[name] for name in names)


def _text(name: str, comment: str) -> Column:
    return Column(name, "text", comment, "public")


def _count(name: str, comment: str) -> Column:
    return Column(name, "integer", comment, "public")


def _number(name: str, comment: str) -> Column:
    return Column(name, "number", comment, "public")


def _flag(name: str, comment: str) -> Column:
    return Column(name, "boolean", comment, "public")


def _date(name: str, comment: str) -> Column:
    return Column(name, "date", comment, "public")


def _time(name: str, comment: str) -> Column:
    return Column(name, "time", comment, "public")


_CATEGORY_NAME = _text("category_name", "纠纷类别名称，如 邻里纠纷/用水排水通行通风采光")
_AREA_CODE = _text("area_code", "区域代码：市、区县 6 位，乡镇、村社区 12 位")
_AREA_NAME = _text("area_name", "区域名称")
_AREA_TIER = _text("area_tier", "区域层级：市 县 乡 村")
_GROUP = (
    _text("category_code", "纠纷类别：四位代码；两位为大类合计；00 为全部类别合计"),
    _text("category_name", "纠纷类别名称；00 为 全部"),
)
_PERIOD = (
    _text("period_kind", "期间种类：month 自然月，week ISO 周（周一至周日）"),
    _date("period_start", "期间首日"),
    _date("period_end", "期间末日（含）"),
    _flag("is_complete", "期间是否已满；未满的期间只与上期、去年同期的同样天数相比"),
)
_SOURCE = _text("source", "来源系统代码（hotline police mediation citymgmt grid …）")

EVENT = View(
    Table(
        "event",
        "每条采用的记录一行（现行版本），内容已去除电话、证件、姓名",
        (
            *_of(CORE_EVENT, "event_id", "source", "source_record_id", "occurred_at", "reported_at"),
            *_of(CORE_EVENT, "is_dispute", "not_dispute_reason", "category_code"),
            _CATEGORY_NAME,
            *_of(CORE_EVENT, "decision_basis"),
            *_of(CORE_EVENT, "county_code", "town_code", "village_code"),
            _text("title", "标题，已去除电话、证件、姓名"),
            _text("text", "主要内容，已去除电话、证件、姓名"),
            *_of(CORE_EVENT, "status", "outcome", "outcome_at", "closed_at", "deadline_at", "channel", "request_type"),
            *_of(CORE_EVENT, "source_category"),
            _text("county_name", "区县名称：按代码；没有代码则为来源所写"),
            _text("town_name", "乡镇街道名称：按代码；没有代码则为来源所写"),
            _text("village_name", "村社区名称：按代码；没有代码则为来源所写"),
            *_of(CORE_EVENT, "category_basis", "place_basis", "place_confidence", "place_inferred"),
            *_of(CORE_EVENT, "estate", "road", "group_number", "hamlet"),
            *_of(CORE_EVENT, "handling_unit", "handling_tier", "headcount", "amount", "scale_code", "difficulty"),
            *_of(CORE_EVENT, "risk_reported", "agreement_kind", "fulfilment", "is_judicially_confirmed", "is_visited"),
            *_of(CORE_EVENT, "is_contacted", "is_solved", "satisfaction", "delay_count"),
            _flag("became_case", "转案：110 纠纷警情是否成了刑事、治安案件（假定口径）；不是纠纷警情则为空"),
            _time("first_action_at", "首次处置：办结、状态改变之最早且有时分者；都只有日期则为空"),
            _text("threat_words", "命中的扬言极端词，以、相连"),
            *_of(CORE_EVENT, "is_confidential", "delivery_date"),
            _date("first_delivery_date", "首次交付日期：这条记录何时为湖所知"),
            _count("version_count", "这条记录交付过几个版本"),
            *_of(CORE_EVENT, "file", "sheet", "row_number"),
        ),
        key=("reported_at", "event_id"),
    ),
    ("core_event",),
    "reported_at",
)

EVENT_PARTY = View(
    Table(
        "event_party",
        "记录涉及的人与单位，姓名已打码；要求保密的记录不在其中",
        (
            _text("event_id", "事件编号"),
            _SOURCE,
            _text("role", "reporter 反映人，respondent 被反映人，applicant 申请人，party 当事人，mentioned 文字提到"),
            _text("kind", "person 个人，organisation 单位，unknown 只有电话"),
            _text("name_masked", "打码姓名或单位名称"),
            _text("gender", "性别"),
            _time("reported_at", "记录的受理时间"),
        ),
        key=("reported_at", "event_id", "role", "kind", "name_masked", "gender"),
    ),
    ("core_party", "core_event"),
    "reported_at",
)

SHARED_CONTACT = View(
    Table(
        "shared_contact",
        "反映人所留电话中多次出现的（令牌，不是号码）：公用电话与一人反复反映按行为分开；要求保密的记录不计",
        (
            _text("contact_token", "电话的密钥令牌，不能还原；经授权可用 dispute-lake reveal 查"),
            _text(
                "contact_kind",
                "公用电话 三件事三个姓以上，疑似公用电话 三件事两个姓，多人同事 一两件事而有几个姓，"
                "一人多事 三件事一个姓，一人一事多次（假定）",
            ),
            _count("record_count", "记录数"),
            _count("matter_count", "事项数：纠纷算一件，不是纠纷的记录各算一件"),
            _count("dispute_count", "其中纠纷数"),
            _count("surname_count", "所报姓氏数"),
            _count("name_count", "所报完整姓名数"),
            _count("source_count", "来源系统数"),
            _count("town_count", "涉及乡镇街道数"),
            _time("first_reported_at", "首次出现"),
            _time("last_reported_at", "最近出现"),
        ),
        key=("contact_token",),
    ),
    ("core_party", "core_event", "core_dispute_event"),
)

DISPUTE_EVENT = View(
    Table(
        "dispute_event",
        "属于纠纷的每条记录一行：归入哪一纠纷、凭什么",
        (
            *_of(CORE_DISPUTE_EVENT, "source", "source_record_id", "event_id", "dispute_id", "link_kind"),
            *_of(CORE_DISPUTE_EVENT, "match_probability", "explanation", "linked_event_id"),
            _time("reported_at", "记录的受理时间"),
        ),
        key=("reported_at", "event_id"),
    ),
    ("core_dispute_event", "core_event"),
    "reported_at",
)

DISPUTE = View(
    Table(
        "dispute",
        "每个矛盾纠纷一行",
        (
            *CORE_DISPUTE.columns,
            _CATEGORY_NAME,
            _text("county_name", "区县名称"),
            _text("town_name", "乡镇街道名称"),
            _text("village_name", "村社区名称"),
        ),
        key=("first_reported_at", "dispute_id"),
    ),
    ("core_dispute", "area", "category"),
    "first_reported_at",
)

DISPUTE_LEDGER = View(
    Table(
        "dispute_ledger",
        CORE_LEDGER.comment,
        CORE_LEDGER.columns,
        key=("at", "run_id", "dispute_id", "action", "other_dispute_id"),
    ),
    ("core_ledger",),
    "at",
)

LINK = View(
    Table(
        "link",
        "打过分的记录对（event_id_l 小于 event_id_r）",
        (*CORE_LINK.columns, _time("reported_at", "较晚一条的受理时间")),
        key=("reported_at", "event_id_l", "event_id_r"),
    ),
    ("core_link", "core_event"),
    "reported_at",
)

MATCH_MODEL = View(
    Table("match_model", CORE_MATCH_MODEL.comment, CORE_MATCH_MODEL.columns, key=CORE_MATCH_MODEL.key),
    ("core_match_model",),
)

WARNING = View(
    Table(
        "warning",
        "预警：如每日运行所留，已解除的也在内",
        (*CORE_WARNING.columns, _AREA_NAME, _AREA_TIER, _CATEGORY_NAME),
        key=("first_seen_at", "warning_id"),
    ),
    ("core_warning", "area", "category"),
    "first_seen_at",
)

WARNING_HISTORY = View(
    Table("warning_history", CORE_WARNING_STEP.comment, CORE_WARNING_STEP.columns, key=CORE_WARNING_STEP.key),
    ("core_warning_step",),
    "day",
)

WARNING_NOTICE = View(
    Table(
        "warning_notice",
        CORE_WARNING_NOTICE.comment,
        (
            *CORE_WARNING_NOTICE.columns,
            _text("recipient_name", "接收单位名称：区划名称加综治中心"),
        ),
        key=CORE_WARNING_NOTICE.key,
    ),
    ("core_warning_notice", "area"),
    "notice_date",
)

WARNING_ACT = View(
    Table(
        "warning_act",
        "对预警的签收与判定（运行已采用的）；只增不改，没有姓名",
        (
            *_of(CORE_WARNING_ACT, "act_id", "warning_id", "rule", "raised_for", "kind"),
            _text("kind_name", "签收 判定 撤回"),
            *_of(CORE_WARNING_ACT, "judgement", "was_level", "acted_at"),
            _text("note", "说明，已去除电话、证件、姓名"),
            *_of(CORE_WARNING_ACT, "withdraws"),
            _date("taken_as_of", "采用它的运行的截止日期"),
            _flag("is_standing", "现在是否生效：没有撤回，也没有被同一预警后一次同类的取代"),
        ),
        key=("acted_at", "act_id"),
    ),
    ("core_warning_act", "core_taken_act"),
)

WARNING_PRECISION = View(
    Table(
        "warning_precision",
        "预警准不准：每条规则经人判定的有多少属实；区间为 Wilson 95%",
        (
            _text("rule", "规则代码"),
            _text("rule_name", "规则中文名"),
            _count("warning_count", "发出的预警数"),
            _count("judged_count", "经人判定的：属实、不实、已知之和"),
            _count("true_count", "判为属实"),
            _count("false_count", "判为不实"),
            _count("known_count", "判为已知：情况不假，接收单位早已掌握"),
            _number("precision", "准确率：判定的当中不是不实的；没有判定则为空"),
            _number("precision_low", "准确率 95% 区间下限（Wilson）"),
            _number("precision_high", "准确率 95% 区间上限（Wilson）"),
        ),
        key=("rule",),
    ),
    ("warning",),
)

DISPUTE_COURSE = View(
    Table(
        "dispute_course",
        "纠纷的办理经过：首次处置、首次调解、110 之后的移交、经手单位；指标由此计",
        (
            _text("dispute_id", "纠纷编号"),
            _time("first_reported_at", "首次反映时间"),
            _time("first_action_at", "首次处置：办结、状态改变、另一系统受理之最早者；首次反映或处置没有时分则为空"),
            _number("first_action_minutes", "自首次反映到首次处置的分钟数"),
            _time("first_mediated_at", "首次调解案件的受理时间；没有调解则为空"),
            _text("first_mediation_outcome", "首次调解的结果：成功 不成功 终止 进行中"),
            _count("mediation_count", "调解案件数"),
            _time("police_known_at", "110 首次知道的时间；110 不知道则为空"),
            _flag("handover_due", "应移交：110 知道，而调解、网格都不在此前知道（假定）"),
            _time("handed_over_at", "应移交的，调解或网格首次知道的时间；没有则为空"),
            _number("handover_hours", "应移交的，自 110 知道到移交的小时数；没有移交则到运行时点"),
            _count("handling_unit_count", "经手的承办单位数"),
        ),
        key=("first_reported_at", "dispute_id"),
    ),
    ("dispute_event", "event"),
    "first_reported_at",
)

COMPARISON_PARTY = View(
    Table(
        "comparison_party",
        "比对·同一人、同一单位：出现在两个以上纠纷里的当事人，每人每个纠纷一行；只有令牌与打码姓名，要求保密的记录不计",
        (
            _text("party_token", "人：证件或电话的密钥令牌（同一电话下不同姓名以序号分开）；单位：名称核心词的散列"),
            _text("kind", "person 个人，organisation 单位"),
            _text("basis", "凭什么认定：证件 电话与姓名 单位名称"),
            _text("name_masked", "打码姓名或单位名称"),
            _text("dispute_id", "纠纷编号"),
            _text("roles", "在此纠纷中的身份，以逗号相连：reporter applicant respondent party"),
            _text("sources", "在此纠纷中出现于哪些系统，以逗号相连"),
            _count("record_count", "在此纠纷中的记录数"),
            _time("first_reported_at", "在此纠纷中首次出现"),
            _time("last_reported_at", "在此纠纷中最近出现"),
            _count("dispute_count", "此人或单位共在几个纠纷里"),
            *_of(CORE_DISPUTE, "category_code", "county_code", "town_code", "status"),
        ),
        key=("first_reported_at", "party_token", "dispute_id"),
    ),
    ("core_party", "core_dispute_event", "event", "dispute"),
    "first_reported_at",
)

COMPARISON_COVERAGE = View(
    Table(
        "comparison_coverage",
        "比对·系统间覆盖：每个纠纷哪些系统知道、哪些不知道、已过多少小时",
        (
            _text("dispute_id", "纠纷编号"),
            *_of(CORE_DISPUTE, "category_code", "county_code", "town_code", "village_code", "status"),
            _flag("is_in_hotline", "12345 热线有记录"),
            _flag("is_in_police", "110 非警务警情有记录"),
            _flag("is_in_mediation", "人民调解有记录"),
            _flag("is_in_citymgmt", "数字城管有记录"),
            _flag("is_in_grid", "网格（综治）有记录"),
            _count("source_count", "知道它的系统数"),
            _text("sources", "知道它的系统，以逗号相连"),
            _text("missing_sources", "五个系统中不知道它的，以逗号相连"),
            _text("first_source", "最先知道的系统"),
            _time("first_known_at", "最先知道的时间"),
            _text("second_source", "第二个知道的系统；没有则为空"),
            _time("second_known_at", "第二个系统知道的时间"),
            _number("hours", "自最先知道起的小时数：到第二个系统知道为止，没有则到运行时点为止"),
            _text("hours_bucket", "小时数分档：12以内 24以内 48以内 72以内 超过72"),
            _flag("is_single_source", "至今只有一个系统知道"),
        ),
        key=("first_known_at", "dispute_id"),
    ),
    ("dispute", "dispute_event"),
    "first_known_at",
)

COMPARISON_HANDOVER = View(
    Table(
        "comparison_handover",
        "比对·系统间移交：每个纠纷自最先知道的系统到其余每个系统，用了或已过多少小时，有无官方编号",
        (
            _text("dispute_id", "纠纷编号"),
            _text("first_source", "最先知道的系统"),
            _time("first_known_at", "最先知道的时间"),
            _text("other_source", "另一系统"),
            _time("other_known_at", "另一系统知道的时间；不知道则为空"),
            _flag("is_missing", "另一系统至今不知道"),
            _number("hours", "相隔小时数；另一系统不知道则算到运行时点"),
            _text("hours_bucket", "小时数分档：12以内 24以内 48以内 72以内 超过72"),
            _flag("has_official_number", "两系统的记录之间有写明的编号（官方移交）"),
            _text("handover_kind", "官方编号；写明移交无编号（渠道或案件来源写明）；比对得知（只由比对相连）；未到"),
        ),
        key=("first_known_at", "dispute_id", "other_source"),
    ),
    ("dispute_event", "link"),
    "first_known_at",
)

COMPARISON_COVERAGE_SUMMARY = View(
    Table(
        "comparison_coverage_summary",
        "比对·系统间覆盖汇总：系统乘系统，知道的纠纷中另一系统也知道多少，缺的已过多久",
        (
            _text("source", "系统"),
            _text("other_source", "另一系统；与前者相同的一行为该系统知道的纠纷总数"),
            _count("dispute_count", "前一系统知道的纠纷数（分母）"),
            _count("shared_count", "其中另一系统也知道的（分子）"),
            _number("shared_share", "比例，0 到 1；分母为零则为空"),
            _count("missing_count", "其中另一系统不知道的"),
            _count("missing_12", "缺的当中，前一系统知道未超过 12 小时的"),
            _count("missing_24", "缺的当中，12 至 24 小时的"),
            _count("missing_48", "缺的当中，24 至 48 小时的"),
            _count("missing_72", "缺的当中，48 至 72 小时的"),
            _count("missing_over_72", "缺的当中，超过 72 小时的"),
            _count("official_count", "两系统都知道的当中，有官方编号相连的"),
            _number("median_hours", "两系统都知道的当中，先后相隔小时数的中位数"),
        ),
        key=("source", "other_source"),
    ),
    ("dispute_event", "link"),
)

COMPARISON_STATUS_CONFLICT = View(
    Table(
        "comparison_status_conflict",
        "比对·矛盾：同一纠纷的记录说法不一，两个系统之间，或化解之后又有反映",
        (
            _text("dispute_id", "纠纷编号"),
            _text(
                "kind",
                "矛盾种类代码 reported_after_solved still_open outcome category county town amount occurred_date "
                "resolved_date",
            ),
            _text(
                "kind_name",
                "矛盾种类：化解后又反映、一处办结一处未结、结果相反、类别不同、区县不同、乡镇不同、金额不同、"
                "发生日期不同、化解日期不同",
            ),
            _text("event_id_l", "一方的事件编号"),
            _text("source_l", "一方的系统"),
            _time("at_l", "一方的时间"),
            _text("value_l", "一方的说法"),
            _text("event_id_r", "另一方的事件编号"),
            _text("source_r", "另一方的系统"),
            _time("at_r", "另一方的时间"),
            _text("value_r", "另一方的说法"),
            _number("hours", "两者相隔小时数"),
        ),
        key=("dispute_id", "kind", "event_id_l", "event_id_r"),
    ),
    ("dispute_event", "event"),
)

COMPARISON_PERIOD = View(
    Table(
        "comparison_period",
        "比对·同比环比：区域、类别、期间的纠纷数与上期、去年同期之比；没有数据覆盖的上期为空而不是零",
        (
            *_PERIOD,
            _text("clock", "按哪个时间计：reported 首次反映，resolved 化解"),
            _AREA_CODE,
            _AREA_NAME,
            _AREA_TIER,
            *_GROUP,
            _count("dispute_count", "本期纠纷数（分子）"),
            _count("previous_count", "上期同样天数的纠纷数（环比分母）；上期没有数据覆盖则为空"),
            _number("previous_change", "环比：本期减上期，除以上期；分母为零或为空则为空"),
            _count(
                "last_year_count", "去年同期（月：去年同月；周：52 周前）同样天数的纠纷数（同比分母）；无数据则为空"
            ),
            _number("last_year_change", "同比：本期减去年同期，除以去年同期"),
            _flag("is_small", "本期与上期、去年同期均不足 10 件：小数字，比例不宜引用"),
        ),
        key=("period_start", "period_kind", "clock", "area_code", "category_code"),
    ),
    ("dispute", "area", "category"),
    "period_start",
)

COMPARISON_AREA = View(
    Table(
        "comparison_area",
        "比对·区域：各区域某月纠纷的化解率、超期率与置信区间，只有区间离开上级区域的率才算高低",
        (
            _date("period_start", "月首日（按首次反映）"),
            _date("period_end", "月末日（含）"),
            _AREA_CODE,
            _AREA_NAME,
            _AREA_TIER,
            _text("parent_code", "上级区域代码"),
            _count("dispute_count", "纠纷数"),
            _count("resolved_count", "其中已化解"),
            _number("resolved_share", "化解率，0 到 1"),
            _number("resolved_low", "化解率 95% 区间下限（Wilson）"),
            _number("resolved_high", "化解率 95% 区间上限（Wilson）"),
            _number("parent_resolved_share", "上级区域同期的化解率"),
            _text("verdict", "与上级区域相比：高 低 无明显差别；不足 10 件为 数少不比"),
            _count("overdue_count", "其中超期未办结"),
            _count("high_risk_count", "其中高风险"),
            _count("mass_count", "其中群体性（规模 02、03）"),
            _count("cross_source_count", "其中两个以上系统知道"),
            _count("recurrence_count", "其中化解后复发"),
            _flag("is_complete", "该月是否已满"),
            _flag("is_small", "不足 10 件：小数字，不宜排名"),
        ),
        key=("period_start", "area_code"),
    ),
    ("dispute", "area"),
)

INDICATOR = View(
    Table(
        "indicator",
        "指标：指标、区域、月；公式与出处见 indicator_definition",
        (
            _text("indicator", "指标名称，如 化解率"),
            _AREA_CODE,
            _date("period_start", "月首日"),
            _date("period_end", "月末日（含）"),
            _number("numerator", "分子"),
            _number("denominator", "分母"),
            _number("value", "分子除以分母（综合成绩再乘 100）；分母为零或不知道则为空"),
            _text("unit", "单位：率 分 件/万人 小时 次 个"),
            _AREA_NAME,
            _AREA_TIER,
            _flag("is_complete", "该月是否已满"),
            _flag("is_small", "分母不足 10（万人发生率：件数不足 10）：小数字"),
        ),
        key=("indicator", "period_start", "area_code"),
    ),
    ("dispute", "dispute_course", "dispute_event", "event", "area"),
)

COMPARISON_LEAGUE = View(
    Table(
        "comparison_league",
        "比对·排名：同级区域各项指标的区间、漏斗限与名次；偶然能解释的不给名次，小村不会因偶然领先",
        (
            _text("indicator", "指标名称；平均数类指标不排"),
            _text("period_kind", "month 自然月（县、乡），year 自然年（县、乡、村）"),
            _date("period_start", "期间首日"),
            _date("period_end", "期间末日（含）"),
            _flag("is_complete", "期间是否已满"),
            _AREA_CODE,
            _AREA_NAME,
            _AREA_TIER,
            _number("numerator", "分子"),
            _number("denominator", "分母"),
            _number("value", "分子除以分母"),
            _number("value_low", "95% 区间下限：比例 Wilson，率 Byar"),
            _number("value_high", "95% 区间上限"),
            _number("centre", "同级区域合在一起的值（漏斗中线）"),
            _count("peer_count", "同级区域数（有分母的）"),
            _number("overdispersion", "过度离散系数 φ，至少为 1；漏斗限按其平方根放宽"),
            _number("z", "离中线多远，按精确分布换算成正态 z，再除以 φ 的平方根"),
            _number("limit_low_95", "漏斗下限 95%：低于它才算偏低"),
            _number("limit_high_95", "漏斗上限 95%"),
            _number("limit_low_998", "漏斗下限 99.8%"),
            _number("limit_high_998", "漏斗上限 99.8%"),
            _text("verdict", "高 低（99.8% 之外），偏高 偏低（95% 之外），无明显差别，数少不比（分母不足 10）"),
            _flag("is_distinct", "全部同级一起看仍不像偶然（Bonferroni 5%）：只有它们有名次"),
            _count("rank", "名次，1 最好（无好坏的指标：1 最高）；偶然能解释的为空"),
            _count("rank_from", "名次最好可能第几：区间整个好于自己的区域数加一"),
            _count("rank_to", "名次最差可能第几"),
            _flag("is_small", "分母（率：件数与应有件数）不足 10"),
        ),
        key=("period_start", "indicator", "period_kind", "area_tier", "area_code"),
    ),
    ("indicator", "indicator_definition", "area"),
)

COMPARISON_TOTAL = View(
    Table(
        "comparison_total",
        "比对·合计核对：上级的数等于下级之和加不知道在哪个下级的，类别合计等于分项之和；差必须为零",
        (
            _text("measure", "指标名称；类别核对则为 reported 首次反映、resolved 化解"),
            _date("period_start", "月首日"),
            _AREA_CODE,
            _text("split_by", "area 按下级区域分，category 00 按大类分，category 两位 按小类分"),
            _text("part", "分子 分母 件数"),
            _number("total", "上级的数"),
            _number("parts", "下级（分项）之和"),
            _number("unplaced", "另行计的、不知道在哪个下级的"),
            _number("difference", "total − parts − unplaced，必须为零"),
        ),
        key=("period_start", "measure", "area_code", "split_by", "part"),
    ),
    ("indicator", "comparison_period", "area"),
)

INDICATOR_DEFINITION = View(
    Table(
        "indicator_definition",
        "指标的定义：分子、分母、按哪个时间、出处",
        (
            _text("indicator", "指标名称"),
            _text("numerator_says", "分子是什么"),
            _text("denominator_says", "分母是什么"),
            _text("clock_says", "按哪个时间归入月份"),
            _text("basis", "出处；假定 表示没有公开公式"),
            _flag("is_assumed", "口径含假定"),
            _text("measure", "share 比例，score 加权得分，rate 按人口的率，mean 平均数"),
            _text("measure_says", "比例 加权得分 按人口的率 平均数"),
            _text("better", "high 高为好，low 低为好，none 无好坏"),
            _text("better_says", "高为好 低为好 无好坏"),
            _text("unit", "单位"),
            _number("per", "结果乘几"),
            _text("example", "算例：分子 ÷ 分母 = 值"),
            _text("numerator_sql", "分子的表达式（在 counted_from 上求和）"),
            _text("denominator_sql", "分母的表达式"),
            _text("clock", "按哪一列归入时间窗"),
            _text("counted_from", "计数的表：dispute 或 event"),
        ),
        key=("indicator",),
    ),
    ("warehouse/indicators.yml",),
)

DELIVERY = View(
    Table(
        "delivery",
        "每份交付文件的行数账：读入 = 采用 + 被新版本取代 + 按规则忽略 + 隔离",
        (
            _SOURCE,
            _date("delivery_date", "交付日期"),
            _text("file", "交付文件名"),
            _text("status", "accepted 采用，held 整批挂起待人确认，quarantined 该文件无法读取"),
            _count("rows_read", "读到的行数"),
            _count("rows_accepted", "采用为现行版本的行数"),
            _count("rows_superseded", "合格、但已被同一记录的较新版本取代的行数"),
            _count("rows_ignored", "按版式规则忽略的行数（标题、合计、空行）"),
            _count("rows_quarantined", "隔离的行数"),
            _text("reason", "挂起或无法读取的说明与处理办法"),
            _text("ignored_by_rule", "各忽略规则的行数，JSON"),
            _text("findings", "不影响采用的发现，JSON 文本列表"),
            _text("content_signature", "整批交付内容的指纹；重新交付后会变，签字据此对应"),
        ),
        key=("delivery_date", "source", "file"),
    ),
    ("raw_file", "core_event"),
)

QUARANTINE = View(
    Table(
        "quarantine",
        "隔离的行：原因与打码后的值；原样内容只在受限区",
        (
            _text("quarantine_id", "隔离行的短编号，供 dispute-lake quarantine explain 使用"),
            *ORIGIN,
            _text("source_record_id", "记录编号；不像编号的打码"),
            _text("rule", "隔离原因的代码"),
            _text("reason", "说明：哪一列、什么问题、怎么办"),
            _text("column_name", "出问题的列名；与列无关时为空"),
            _text("value_masked", "该列的值，打码"),
            _text("values_masked", "整行，打码，JSON：列名到文本"),
        ),
        key=("delivery_date", "source", "file", "sheet", "row_number", "rule", "column_name"),
    ),
    ("raw_row",),
    "delivery_date",
)

QUARANTINE_HISTORY = View(
    Table(
        "quarantine_history",
        "隔离史：发布过的每一条隔离记录后来怎样，何时由哪批交付采用",
        (
            _text("quarantine_id", "隔离行的短编号（按首次隔离时的位置）"),
            *_of(CORE_QUARANTINE_HISTORY, "source", "delivery_date", "file", "sheet", "row_number"),
            _text("source_record_id", "记录编号；不像编号的打码"),
            *_of(CORE_QUARANTINE_HISTORY, "rule"),
            _text("reason", "首次隔离时的说明"),
            *_of(CORE_QUARANTINE_HISTORY, "column_name", "first_seen_at", "state", "settled_at", "how"),
            *_of(CORE_QUARANTINE_HISTORY, "accepted_delivery_date", "accepted_file", "accepted_row_number"),
        ),
        key=("delivery_date", "source", "file", "sheet", "row_number", "source_record_id"),
    ),
    ("core_quarantine_history",),
)

SIGNATURE = View(
    Table(
        "signature",
        "数据组的签字：谁看过哪一批交付、怎么定的；以最后一次为准",
        (
            *_of(CORE_SIGNATURE, "source", "delivery_date", "file", "decision"),
            _text("decision_name", "决定：接收 退回 改规则"),
            *_of(CORE_SIGNATURE, "signed_by", "note", "signed_at", "content_signature"),
            _flag("is_current", "所签的是否仍是现行内容；重新交付后须重新签"),
        ),
        key=("delivery_date", "source", "signed_at", "file", "signed_by"),
    ),
    ("core_signature", "raw_file"),
)

VERDICT = View(
    Table(
        "verdict",
        "人工裁定：两条记录是不是同一纠纷；只增不改，每对以最后一次未撤回的为准（is_standing）",
        (
            *_of(CORE_VERDICT, "verdict_id", "kind"),
            _text("kind_name", "一对记录 拆分 合并 撤回"),
            *_of(CORE_VERDICT, "event_id_l", "event_id_r", "verdict"),
            _text("verdict_name", "同一 不同 不确定；撤回为空"),
            *_of(CORE_VERDICT, "decided_at", "decided_by"),
            _text("reason", "理由，已去除电话、证件、姓名"),
            *_of(CORE_VERDICT, "withdraws", "was_together", "was_probability", "was_decided_by"),
            _flag("is_standing", "现在是否生效：没有撤回，也没有被同一对的后一次裁定取代"),
            _text("dispute_id_l", "较小一条记录现在所属的纠纷；不属于纠纷则为空"),
            _text("dispute_id_r", "较大一条记录现在所属的纠纷；不属于纠纷则为空"),
        ),
        key=("decided_at", "verdict_id", "event_id_l", "event_id_r"),
    ),
    ("core_verdict", "core_taken_act", "core_dispute_event"),
)

CORRECTION = View(
    Table(
        "correction",
        "人工更正：一条记录是不是纠纷、类别、地点，更正前后的值；只增不改，以最后一次未撤回的为准（is_standing）",
        (
            *_of(CORE_CORRECTION, "correction_id", "event_id"),
            _SOURCE,
            _text("source_record_id", "来源系统的记录编号"),
            *_of(CORE_CORRECTION, "field"),
            _text("field_name", "是否纠纷 类别 地点"),
            *_of(CORE_CORRECTION, "value"),
            _text("value_name", "更正为什么，中文"),
            *_of(CORE_CORRECTION, "original_value"),
            _text("read_value", "现行版本未经更正的值，写法同上"),
            *_of(CORE_CORRECTION, "corrected_at", "corrected_by"),
            _text("reason", "理由，已去除电话、证件、姓名"),
            *_of(CORE_CORRECTION, "withdraws"),
            _flag("is_standing", "现在是否生效：没有撤回，也没有被同一项的后一次更正取代"),
        ),
        key=("corrected_at", "correction_id"),
    ),
    ("core_correction", "core_taken_act", "core_event", "area", "category"),
)

UNMAPPED_VALUE = View(
    Table(
        "unmapped_value",
        "未登记的代码值及次数：该往 source.yml 里补什么",
        (
            _SOURCE,
            _text("column_name", "列名"),
            _text("value", "未登记的值；过长或像号码的打码"),
            _count("event_count", "现行记录数"),
            _date("first_delivery_date", "最早出现的交付日期"),
            _date("last_delivery_date", "最近出现的交付日期"),
        ),
        key=("source", "column_name", "value"),
    ),
    ("core_event",),
)

QUALITY_RESULT = View(
    Table(
        "quality_result",
        CORE_QUALITY_RESULT.comment,
        CORE_QUALITY_RESULT.columns,
        key=CORE_QUALITY_RESULT.key,
    ),
    ("core_quality_result",),
    "as_of",
)

QUALITY_TREND = View(
    Table(
        "quality_trend",
        "质量检查的走势：每条期望一行，最近一次如何、自何时起没有通过、一共查过几次",
        (
            *_of(CORE_QUALITY_RESULT, "suite", "suite_label", "expectation", "says", "dimension", "severity"),
            _date("as_of", "最近一次检查的截止日期"),
            _flag("success", "最近一次是否通过"),
            _number("unexpected_share", "最近一次不符的比例，0 到 1"),
            _number("previous_share", "上一次不符的比例；没有上一次则为空"),
            _date("first_failed_as_of", "自哪一次起一直没有通过；最近一次通过则为空"),
            _date("last_met_as_of", "最近一次通过；从未通过则为空"),
            _count("run_count", "查过几次"),
            _count("failed_count", "其中没有通过的次数"),
        ),
        key=("suite", "expectation"),
    ),
    ("quality_result",),
)

DELIVERY_SCORE = View(
    Table("delivery_score", CORE_DELIVERY_SCORE.comment, CORE_DELIVERY_SCORE.columns, key=CORE_DELIVERY_SCORE.key),
    ("core_delivery_score",),
)

COLUMN_QUALITY = View(
    Table("column_quality", CORE_COLUMN_QUALITY.comment, CORE_COLUMN_QUALITY.columns, key=CORE_COLUMN_QUALITY.key),
    ("core_column_quality",),
)

AREA = View(
    Table(
        "area",
        "行政区划：市、区县、乡镇街道、村社区",
        (
            _AREA_CODE,
            _AREA_NAME,
            _text("level", "层级代码：city county town village"),
            _AREA_TIER,
            _text("parent_code", "上级区域代码"),
            _text("full_name", "自区县起的全名"),
            _text("county_code", "所属区县代码"),
            _text("town_code", "所属乡镇街道代码"),
            _count("resident_count", "常住人口；不知道则为空"),
            _text("resident_basis", "常住人口的出处"),
        ),
        key=("area_code",),
    ),
    ("transforms.areas", "warehouse/residents.yml"),
)

CATEGORY = View(
    Table(
        "category",
        "纠纷类别，GB/T 31000-2015",
        (
            _text("category_code", "类别代码：大类两位，小类四位"),
            _text("category_name", "名称"),
            _count("level", "1 大类，2 小类"),
            _text("parent_code", "所属大类代码"),
            _text("full_name", "大类/小类"),
        ),
        key=("category_code",),
    ),
    ("transforms.category",),
)

PUBLICATION = View(
    Table(
        "publication",
        "本次发布：截止时点与编号",
        (
            _count("number", "发布编号，逐次加一"),
            _time("as_of", "运行的截止时点"),
            _count("format", "湖的格式版本"),
            _text("label", "标注：如 模拟数据；真实数据为空"),
        ),
        key=("number",),
    ),
    ("warehouse.publish",),
)

DATA_DICTIONARY = View(
    Table(
        "data_dictionary",
        "数据字典：每个视图的每一列",
        (
            _text("view_name", "视图名"),
            _text("view_comment", "视图说明"),
            _text("column_name", "列名"),
            _count("position", "第几列，从 1 起"),
            _text("type", "DuckDB 类型"),
            _text("comment", "列说明"),
            _text("sensitivity", "敏感级别：public 可公开，internal 内部，personal 能认出人，secret 不出受限区"),
            _text("source", "由哪些表得来"),
        ),
        key=("view_name", "position"),
    ),
    ("warehouse.registry",),
)

PUBLISHED: dict[str, View] = {
    view.name: view
    for view in (
        PUBLICATION, AREA, CATEGORY, EVENT, EVENT_PARTY, LINK, DISPUTE_EVENT, DISPUTE, DISPUTE_COURSE, DISPUTE_LEDGER,
        WARNING, WARNING_HISTORY, WARNING_NOTICE, WARNING_ACT, WARNING_PRECISION, COMPARISON_COVERAGE, SHARED_CONTACT,
        COMPARISON_PARTY, COMPARISON_HANDOVER, COMPARISON_COVERAGE_SUMMARY, COMPARISON_STATUS_CONFLICT,
        COMPARISON_PERIOD, COMPARISON_AREA, INDICATOR_DEFINITION, INDICATOR, COMPARISON_LEAGUE, COMPARISON_TOTAL,
        DELIVERY, QUARANTINE, QUARANTINE_HISTORY, SIGNATURE, VERDICT, CORRECTION, UNMAPPED_VALUE, QUALITY_RESULT,
        QUALITY_TREND, DELIVERY_SCORE, COLUMN_QUALITY, MATCH_MODEL, DATA_DICTIONARY,
    )
}  # fmt: skip
"""In the order in which they are made: each uses only those before it."""
