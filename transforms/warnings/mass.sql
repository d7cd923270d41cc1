-- At least $persons persons written in a record, or $complainants different complainants known.
-- warning_complainant: transforms.complainants.count, one row per identified party.
WITH signs AS (
    SELECT dispute_id, event_id, source_record_id, known_date, reported_at, headcount AS persons, 0 AS complainants
    FROM warning_version
    WHERE headcount >= $persons
    UNION ALL
    SELECT dispute_id, event_id, source_record_id, known_date, reported_at, 0, complainants
    FROM warning_complainant
    WHERE complainants >= $complainants
),
first_sign AS (
    SELECT *
    FROM signs
    QUALIFY row_number() OVER (
        PARTITION BY dispute_id ORDER BY known_date, persons DESC, reported_at, event_id
    ) = 1
)
SELECT
    f.dispute_id,
    f.event_id,
    f.source_record_id AS raised_for,
    f.known_date AS first_seen_at,
    NULL::date AS ended_on,
    greatest(max(s.persons), max(s.complainants)) AS measure,
    concat_ws('，',
        CASE WHEN max(s.persons) > 0 THEN format('记录写明涉及{}人', max(s.persons)) END,
        CASE WHEN max(s.complainants) > 0 THEN format('已有{}名不同的反映人', max(s.complainants)) END
    ) AS evidence
FROM first_sign f
JOIN signs s USING (dispute_id)
GROUP BY f.dispute_id, f.event_id, f.source_record_id, f.known_date
