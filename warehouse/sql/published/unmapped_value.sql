-- 未登记的代码值；过长或像号码的只留头一个字
WITH unknown AS (
    SELECT source, delivery_date, unnest(unknown_codes) AS pair
    FROM current_event
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
