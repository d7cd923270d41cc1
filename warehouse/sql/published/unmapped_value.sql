-- 未登记的代码值；过长或像号码的只留头一个字
WITH unknown AS (
    SELECT core_event.source, core_event.delivery_date, unnest(core_event.unknown_codes) AS pair
    FROM core_event
    SEMI JOIN current_version
        ON core_event.event_id = current_version.event_id
        AND core_event.delivery_date = current_version.delivery_date
        AND core_event.row_number = current_version.row_number
        AND core_event.file IS NOT DISTINCT FROM current_version.file
        AND core_event.sheet IS NOT DISTINCT FROM current_version.sheet
    WHERE len(core_event.unknown_codes) > 0
),
cut AS (
    SELECT
        source,
        delivery_date,
        split_part(pair, '=', 1) AS column_name,
        substr(pair, strpos(pair, '=') + 1) AS value
    FROM unknown
)
SELECT
    source,
    column_name,
    CASE
        WHEN length(value) > 20 OR regexp_matches(value, '[0-9]{7}') THEN left(value, 1) || '***' ELSE value
    END AS value,
    count(*) AS event_count,
    min(delivery_date) AS first_delivery_date,
    max(delivery_date) AS last_delivery_date
FROM cut
GROUP BY 1, 2, 3
