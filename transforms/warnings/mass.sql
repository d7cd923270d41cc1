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
),
grown AS (
    SELECT
        dispute_id,
        known_date,
        max(max(persons)) OVER (PARTITION BY dispute_id ORDER BY known_date) AS persons,
        max(max(complainants)) OVER (PARTITION BY dispute_id ORDER BY known_date) AS complainants
    FROM signs
    GROUP BY dispute_id, known_date
)
SELECT
    f.dispute_id,
    f.event_id,
    f.source_record_id AS raised_for,
    f.known_date AS first_seen_at,
    g.known_date AS known_on,
    NULL::date AS ended_on,
    greatest(g.persons, g.complainants) AS measure,
    concat_ws('，',
        CASE WHEN g.persons > 0 THEN format('记录写明涉及{}人', g.persons) END,
        CASE WHEN g.complainants > 0 THEN format('已有{}名不同的反映人', g.complainants) END
    ) AS evidence
FROM first_sign f
JOIN grown g USING (dispute_id)
