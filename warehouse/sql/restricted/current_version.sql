-- 每条记录的现行版本是哪一行：更新时间（没有则交付日零点）、交付日、办结在未办结之后、文件、工作表、行号，
-- 最后者为准；其余为被取代的旧版本
SELECT
    event_id,
    min(delivery_date) AS first_delivery_date,
    count(*) AS version_count,
    unnest(max_by(
        struct_pack(source, delivery_date, file, sheet, row_number),
        struct_pack(
            known := coalesce(version_at, CAST(delivery_date AS TIMESTAMP)),
            day := delivery_date,
            ended := coalesce(version_at IS NOT NULL AND status = '已办结', false), -- 同一时刻写两次状态的，办结是后一次
            file := coalesce(file, ''),
            sheet := coalesce(sheet, ''),
            row := row_number
        )
    ))
FROM core_event
GROUP BY event_id
