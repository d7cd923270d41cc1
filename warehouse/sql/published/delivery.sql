-- 行数账：同一记录的旧版本算“被取代”，其余合格的行（含附表行）算“采用”
WITH version AS (
    SELECT source, delivery_date, file, count(*) AS n
    FROM core_event
    GROUP BY ALL
),
living AS (
    SELECT source, delivery_date, file, count(*) AS n
    FROM current_version
    GROUP BY ALL
),
superseded AS (
    SELECT version.source, version.delivery_date, version.file, version.n - coalesce(living.n, 0) AS n
    FROM version
    LEFT JOIN living USING (source, delivery_date, file)
)
SELECT
    raw_file.source,
    raw_file.delivery_date,
    raw_file.file,
    raw_file.status,
    raw_file.rows_read,
    raw_file.rows_valid - coalesce(superseded.n, 0) AS rows_accepted,
    coalesce(superseded.n, 0) AS rows_superseded,
    raw_file.rows_ignored,
    raw_file.rows_quarantined,
    safe(raw_file.reason) AS reason,
    raw_file.ignored_by_rule,
    safe(raw_file.findings) AS findings,
    raw_file.signature AS content_signature
FROM raw_file
LEFT JOIN superseded USING (source, delivery_date, file)
