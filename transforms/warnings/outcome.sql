-- What came of a dispute, and the day on which it was known: the first time of each kind and record.
-- Parameters: $persons, from which written head count on a matter counts as 人多.
WITH told AS (
    SELECT
        dispute_id,
        event_id,
        known_date,
        list_filter([
            '再次反映',
            CASE WHEN source = 'police' THEN '报警' END,
            CASE WHEN len(threat_words) > 0 THEN '扬言' END,
            CASE WHEN headcount >= $persons THEN '人多' END,
            CASE WHEN outcome IN ('不成功', '终止') THEN '调解不成' END
        ], lambda x: x IS NOT NULL) AS kinds
    FROM warning_version
)
SELECT dispute_id, outcome, event_id, min(known_date) AS day
FROM (SELECT dispute_id, event_id, known_date, unnest(kinds) AS outcome FROM told)
GROUP BY ALL
ORDER BY ALL
