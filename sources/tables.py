"""The tables that reading leaves behind: rows as delivered, and the same rows typed into one shape for all sources.

Here: declarations only. Not here: how a source fills them (`sources.read`), what is derived from them (`transforms`).
landing/ -> raw_row, raw_record, raw_party, raw_reference, raw_file
"""

from sources.table import Column, Table

ORIGIN = (
    Column("source", "text", "来源系统代码（hotline police mediation citymgmt grid …）", "public"),
    Column("delivery_date", "date", "交付日期（记录日期的次日）", "public"),
    Column("file", "text", "交付文件名", "public"),
    Column("sheet", "text", "工作表名；CSV 与 JSON 为空", "public"),
    Column("row_number", "integer", "在原文件中的行号，从 1 起，与用户打开文件所见一致", "public"),
)

RAW_ROW = Table(
    "raw_row",
    "交付文件中的每一行，原样保存，并记下去向",
    (
        *ORIGIN,
        Column("source_record_id", "text", "来源系统的记录编号，原样文本"),
        Column(
            "disposition",
            "text",
            "去向：accepted 采用（是否被新版本取代见 event），ignored 按规则忽略，quarantined 隔离",
        ),
        Column("rule", "text", "忽略规则或隔离原因的代码，如 blank、total、missing_record_id"),
        Column("reason", "text", "给用户看的中文说明：哪一列、什么问题、怎么办"),
        Column("column", "text", "出问题的列名；与列无关时为空"),
        Column("content", "text", "整行原样，JSON：列名到文本", "secret"),
    ),
    key=("source", "delivery_date", "file", "sheet", "row_number"),
    partitions=("delivery_date", "source"),
)

RAW_FILE = Table(
    "raw_file",
    "每份交付文件的收件登记与行数",
    (
        Column("source", "text", "来源系统代码", "public"),
        Column("delivery_date", "date", "交付日期", "public"),
        Column("file", "text", "交付文件名", "public"),
        Column("signature", "text", "整批交付的指纹（各文件名与内容的 SHA-256）", "public"),
        Column("status", "text", "accepted 采用，held 整批挂起待人确认，quarantined 该文件无法读取", "public"),
        Column("reason", "text", "挂起或无法读取的中文说明与处理办法", "public"),
        Column("rows_read", "integer", "读到的数据行数（含空行、合计行）", "public"),
        Column("rows_ignored", "integer", "按版式规则忽略的行数（标题、合计、空行）", "public"),
        Column("rows_quarantined", "integer", "隔离的行数", "public"),
        Column("rows_valid", "integer", "可采用的行数（采用与被取代之和）", "public"),
        Column("ignored_by_rule", "text", "各忽略规则的行数，JSON", "public"),
        Column("findings", "text", "不影响采用的发现（缺少的可选列、未登记的列、列名别名），JSON 文本列表", "public"),
    ),
    key=("source", "delivery_date", "file"),
    partitions=("delivery_date", "source"),
)

RAW_RECORD = Table(
    "raw_record",
    "每条有记录编号的行，各来源统一成同一组列，值尚未清洗",
    (
        *ORIGIN,
        Column("source_record_id", "text", "来源系统的记录编号"),
        Column("version_at", "time", "来源写明的更新时间；没有则为空，以交付日期为准"),
        Column("reported_at", "time", "受理（来电、报警、受理、上报）时间"),
        Column("occurred_at", "time", "发生时间；来源没有则为空"),
        Column("channel", "text", "受理渠道或案件来源"),
        Column("request_type", "text", "来源的诉求类型（咨询、投诉 …）或问题类型（事件、部件 …）"),
        Column("title", "text", "标题", "personal"),
        Column("text", "text", "主要内容", "personal"),
        Column("outcome_text", "text", "处理、处警、调解结果文字", "personal"),
        Column("source_category", "text", "来源自己的分类，各级以 / 相连"),
        Column("first_category", "text", "接警时分类等较早、未确认的分类，各级以 / 相连；没有则为空"),
        Column("county_name", "text", "来源写的区县"),
        Column("town_name", "text", "来源写的乡镇街道"),
        Column("village_name", "text", "来源写的村社区"),
        Column("division_code", "text", "来源写的行政区划代码（6、9 或 12 位）"),
        Column("unit_code", "text", "管辖单位代码"),
        Column("address", "text", "地址文字", "personal"),
        Column("longitude", "number", "来源的经度或 X（坐标系见来源登记）", "personal"),
        Column("latitude", "number", "来源的纬度或 Y", "personal"),
        Column("is_confidential", "boolean", "来电人要求保密（看不懂的写法也按保密）"),
        Column("status", "text", "状态，已映射：待处理 办理中 已办结 已退回 作废，未登记的为未知；没有状态则为空"),
        Column("closed_at", "time", "办结时间"),
        Column("deadline_at", "time", "应办结时间"),
        Column("limit_workdays", "number", "处理时限，工作日"),
        Column("outcome", "text", "结果，已映射：成功 不成功 进行中 终止，未登记的为未知；没有结果则为空"),
        Column("outcome_at", "time", "得出结果的时间"),
        Column("handling_unit", "text", "承办、处置、调解单位"),
        Column("handling_tier", "text", "承办层级：市 县 乡 村 行业"),
        Column("handler", "text", "承办人、调解员、监督员", "personal"),
        Column("persons_involved", "integer", "来源写的涉及人数"),
        Column("amount", "text", "来源写的涉及金额原文，如 3.5万"),
        Column("scale_code", "text", "GB/T 31000 事件规模 01 02 03"),
        Column("difficulty", "text", "难度级别或警情级别"),
        Column("risk_reported", "text", "来源写的风险等级"),
        Column("agreement_kind", "text", "协议类型：口头 书面"),
        Column("fulfilment", "text", "履行情况：已履行 部分履行 未履行"),
        Column("is_judicially_confirmed", "boolean", "是否司法确认"),
        Column("is_visited", "boolean", "是否有效回访"),
        Column("is_contacted", "boolean", "是否联系"),
        Column("is_solved", "boolean", "来源写的是否解决"),
        Column("satisfaction", "text", "满意 基本满意 一般 不满意"),
        Column("delay_count", "integer", "延期次数"),
        Column("extra", "text", "其余列，JSON：列名到文本", "personal"),
        Column("unknown_codes", "texts", "未登记的代码值，形如 列名=值；在所属列里记为未知"),
    ),
    key=("source", "delivery_date", "file", "sheet", "row_number"),
    partitions=("delivery_date", "source"),
)

RAW_PARTY = Table(
    "raw_party",
    "记录涉及的人与单位，每条记录每个当事人一行",
    (
        *ORIGIN,
        Column("source_record_id", "text", "来源系统的记录编号"),
        Column("party_number", "integer", "同一记录内的序号，从 1 起"),
        Column("role", "text", "reporter 反映人，respondent 被反映人，applicant 申请人，party 当事人（角色不明）"),
        Column("name", "text", "姓名或名称，原样", "personal"),
        Column("gender", "text", "性别"),
        Column("id_number", "text", "证件号码，原样", "secret"),
        Column("phones", "texts", "联系电话，原样", "secret"),
        Column("address", "text", "住址", "personal"),
    ),
    key=("source", "delivery_date", "file", "sheet", "row_number", "party_number"),
    partitions=("delivery_date", "source"),
)

RAW_REFERENCE = Table(
    "raw_reference",
    "记录上写明的其他记录编号（官方关联）",
    (
        *ORIGIN,
        Column("source_record_id", "text", "来源系统的记录编号"),
        Column("kind", "text", "earlier 旧单，repeat_of 重复，related 关联，transfer 移送"),
        Column("number", "text", "所指记录的编号，原样"),
    ),
    key=("source", "delivery_date", "file", "sheet", "row_number", "kind", "number"),
    partitions=("delivery_date", "source"),
)

RAW_TABLES = (RAW_ROW, RAW_FILE, RAW_RECORD, RAW_PARTY, RAW_REFERENCE)
