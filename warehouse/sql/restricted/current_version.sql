-- 每条记录的现行版本是哪一行：更新时间（没有则交付日零点）、交付日、文件、工作表、行号，最后者为准；其余为被取代的旧版本
SELECT
    event_id,
    min(delivery_date) AS first_delivery_date,
    count(*) AS version_count,
    unnest(max_by(
        struct_pack(source, delivery_date, file, sheet, row_number),
        struct_pack(
            known := coalesce(version_at, CAST(delivery_date AS TIMESTAMP)),
            day := delivery_date,
            file := coalesce(file, ''),
            sheet := coalesce(sheet, ''),
            row := row_number
        )
    ))
FROM core_event
GROUP BY event_id
