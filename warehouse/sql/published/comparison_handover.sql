-- 每个纠纷自最先知道的系统到其余每个系统
WITH earliest AS (
    SELECT dispute_id, min_by(source, struct_pack(at := known_at, source := source)) AS first_source,
        min(known_at) AS first_known_at
    FROM known
    GROUP BY dispute_id
),
paired AS (
    SELECT
        earliest.*,
        system.source AS other_source,
        known.known_at AS other_known_at,
        greatest(hours_between(earliest.first_known_at, coalesce(known.known_at, getvariable('as_of'))), 0) AS hours
    FROM earliest
    INNER JOIN system ON system.source <> earliest.first_source
    LEFT JOIN known ON known.dispute_id = earliest.dispute_id AND known.source = system.source
)
SELECT
    paired.dispute_id,
    paired.first_source,
    paired.first_known_at,
    paired.other_source,
    paired.other_known_at,
    paired.other_known_at IS NULL AS is_missing,
    paired.hours,
    hours_bucket(paired.hours) AS hours_bucket,
    official.dispute_id IS NOT NULL AS has_official_number
FROM paired
LEFT JOIN official
    ON official.dispute_id = paired.dispute_id
    AND official.source = paired.first_source
    AND official.other_source = paired.other_source
