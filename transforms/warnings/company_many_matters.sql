-- Many different people complain about one company: $count disputes by $complainants different complainants within $days
-- days. One customer who complains often, and one mass dispute, raise nothing.
WITH complainant AS (
    SELECT dispute_id, arg_min(value, struct_pack(known_date, value)) AS person, min(known_date) AS known_date
    FROM warning_trait
    WHERE kind = 'person'
    GROUP BY dispute_id
)
SELECT
    value AS subject,
    dispute_id,
    event_id,
    source_record_id,
    known_date,
    disputes AS measure,
    format('“{}”在{}天内被{}起不同的纠纷反映，反映人至少{}名', value, $days::integer, disputes, people) AS evidence
FROM (
    SELECT
        t.*,
        count(*) OVER span AS disputes,
        len(list_distinct(list(c.person) FILTER (c.known_date <= t.known_date) OVER span)) AS people
    FROM warning_trait t
    LEFT JOIN complainant c USING (dispute_id)
    WHERE t.kind = 'company'
    WINDOW span AS (
        PARTITION BY t.value ORDER BY t.known_date RANGE BETWEEN to_days($days::integer) PRECEDING AND CURRENT ROW
    )
)
WHERE disputes >= $count AND people >= $complainants
