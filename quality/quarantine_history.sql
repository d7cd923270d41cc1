-- 隔离史：已记下的每一条现在怎样，加上新隔离的
WITH aside AS (
    SELECT
        raw_row.source,
        raw_row.delivery_date,
        coalesce(
            raw_row.source_record_id, concat_ws('|', raw_row.file, raw_row.sheet, raw_row.row_number)
        ) AS identity,
        row_number() OVER (
            PARTITION BY raw_row.source, raw_row.delivery_date, identity
            ORDER BY raw_row.file, raw_row.sheet, raw_row.row_number
        ) AS occurrence,
        raw_row.file,
        raw_row.sheet,
        raw_row.row_number,
        raw_row.source_record_id,
        raw_row.rule,
        raw_row.reason,
        raw_row."column" AS column_name,
        raw_file.signature AS content_signature,
        raw_row.content
    FROM raw_row
    LEFT JOIN raw_file USING (source, delivery_date, file)
    WHERE raw_row.disposition = 'quarantined'
),
present AS (
    SELECT DISTINCT source, delivery_date, signature
    FROM raw_file
),
numbered AS (
    -- 有编号：同一批交付优先，其次之后最早的一批
    SELECT
        known.source,
        known.delivery_date,
        known.identity,
        min_by(
            {'delivery_date': core_event.delivery_date, 'file': core_event.file, 'row_number': core_event.row_number},
            (core_event.delivery_date, core_event.file, core_event.sheet, core_event.row_number)
        ) AS taken
    FROM (
        SELECT source, delivery_date, identity FROM core_quarantine_history WHERE content IS NULL
        UNION
        SELECT source, delivery_date, identity FROM aside WHERE source_record_id IS NOT NULL
    ) AS known
    INNER JOIN core_event
        ON known.source = core_event.source
        AND known.identity = core_event.source_record_id
        AND known.delivery_date <= core_event.delivery_date
    GROUP BY ALL
),
placed AS (
    -- 没有编号：同一文件的同一行已采用，且内容未变，或至少一半的格与原来相同
    SELECT
        history.source,
        history.delivery_date,
        history.identity,
        {'delivery_date': raw_row.delivery_date, 'file': raw_row.file, 'row_number': raw_row.row_number} AS taken
    FROM core_quarantine_history AS history
    INNER JOIN present USING (source, delivery_date)
    INNER JOIN raw_row
        ON history.source = raw_row.source
        AND history.delivery_date = raw_row.delivery_date
        AND history.file = raw_row.file
        AND history.sheet IS NOT DISTINCT FROM raw_row.sheet
        AND history.row_number = raw_row.row_number
    WHERE
        history.content IS NOT NULL
        AND raw_row.disposition = 'accepted'
        AND (
            history.content_signature = present.signature
            OR 2 * len(
                list_intersect(
                    map_entries(TRY_CAST(TRY_CAST(history.content AS JSON) AS MAP(VARCHAR, VARCHAR))),
                    map_entries(TRY_CAST(TRY_CAST(raw_row.content AS JSON) AS MAP(VARCHAR, VARCHAR)))
                )
            ) >= cardinality(TRY_CAST(TRY_CAST(history.content AS JSON) AS MAP(VARCHAR, VARCHAR)))
        )
    UNION ALL
    -- 整份文件无法读取：同名的文件已能读取
    SELECT
        history.source,
        history.delivery_date,
        history.identity,
        {'delivery_date': raw_file.delivery_date, 'file': raw_file.file, 'row_number': CAST(NULL AS BIGINT)} AS taken
    FROM core_quarantine_history AS history
    INNER JOIN raw_file USING (source, delivery_date, file)
    WHERE history.row_number IS NULL AND raw_file.status = 'accepted' AND raw_file.rows_valid > 0
),
taken AS (
    SELECT * FROM numbered
    UNION ALL
    SELECT * FROM placed
),
every AS (
    SELECT * EXCLUDE (state, settled_at, how, accepted_delivery_date, accepted_file, accepted_row_number),
        state AS former_state, settled_at AS former_settled_at, how AS former_how
    FROM core_quarantine_history
    UNION ALL BY NAME
    SELECT
        * REPLACE (if(source_record_id IS NULL, coalesce(content, ''), NULL) AS content),
        CAST($as_of AS DATE) AS first_seen_at,
        content AS whole_row -- 供打码，不留存
    FROM aside
    ANTI JOIN core_quarantine_history USING (source, delivery_date, identity, occurrence)
),
judged AS (
    SELECT
        every.*,
        present.signature AS present_signature,
        aside.rule AS present_rule,
        CASE
            WHEN taken.taken.delivery_date > every.delivery_date THEN 'later'
            WHEN aside.rule IS NOT NULL THEN 'open'
            WHEN taken.taken IS NOT NULL THEN 'accepted'
            ELSE 'gone'
        END AS state,
        taken.taken
    FROM every
    LEFT JOIN aside USING (source, delivery_date, identity, occurrence)
    LEFT JOIN present USING (source, delivery_date)
    LEFT JOIN taken USING (source, delivery_date, identity)
)
SELECT
    * EXCLUDE (present_signature, former_state, former_settled_at, former_how, taken),
    former_state IS NULL AS is_new,
    CASE WHEN state = 'open' THEN NULL WHEN state = former_state THEN former_settled_at ELSE $as_of END AS settled_at,
    CASE
        WHEN state <> 'accepted' THEN NULL
        WHEN state = former_state THEN former_how
        WHEN content_signature <> present_signature THEN 'redelivered'
        WHEN rule = 'held' THEN 'acceptance'
        ELSE 'rule_change'
    END AS how,
    if(state IN ('accepted', 'later'), taken.delivery_date, NULL) AS accepted_delivery_date,
    if(state IN ('accepted', 'later'), taken.file, NULL) AS accepted_file,
    if(state IN ('accepted', 'later'), taken.row_number, NULL) AS accepted_row_number
FROM judged
ORDER BY delivery_date, source, identity, occurrence
