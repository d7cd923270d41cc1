-- One place keeps producing different disputes: $count of them became known within $days days, of $classes classes at
-- least. A mass dispute is one dispute here, a building site full of wage claims one class.
SELECT
    value AS subject,
    dispute_id,
    event_id,
    source_record_id,
    known_date,
    disputes AS measure,
    format('{}在{}天内发生{}起不同的纠纷，涉及{}个大类', shown, $days::integer, disputes, classes) AS evidence
FROM (
    SELECT
        t.*,
        count(*) OVER span AS disputes,
        len(list_distinct(list(c.class) FILTER (c.known_date <= t.known_date) OVER span)) AS classes
    FROM warning_trait t
    LEFT JOIN warning_class c USING (dispute_id)
    WHERE t.kind = 'place'
    WINDOW span AS (
        PARTITION BY t.value ORDER BY t.known_date RANGE BETWEEN to_days($days::integer) PRECEDING AND CURRENT ROW
    )
)
WHERE disputes >= $count AND classes >= $classes
