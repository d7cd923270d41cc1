-- One person brings many different matters: $count disputes of $classes classes within $days days, by the keyed token of
-- an ID or a phone. A phone that callers of several surnames gave is an office's or a family's, and no person.
SELECT
    value AS subject,
    dispute_id,
    event_id,
    source_record_id,
    known_date,
    disputes AS measure,
    format('同一人在{}天内反映{}起不同的纠纷，涉及{}个大类', $days::integer, disputes, classes) AS evidence
FROM (
    SELECT
        t.*,
        count(*) OVER span AS disputes,
        len(list_distinct(list(c.class) FILTER (c.known_date <= t.known_date) OVER span)) AS classes,
        len(list_distinct(flatten(list(t.surnames) FILTER (t.surnames IS NOT NULL) OVER span))) AS surnames_seen
    FROM warning_trait t
    LEFT JOIN warning_class c USING (dispute_id)
    WHERE t.kind = 'person'
    WINDOW span AS (
        PARTITION BY t.value ORDER BY t.known_date RANGE BETWEEN to_days($days::integer) PRECEDING AND CURRENT ROW
    )
)
WHERE disputes >= $count AND classes >= $classes AND (value LIKE 'id:%' OR coalesce(surnames_seen, 0) <= 1)
