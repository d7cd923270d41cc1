-- 指标按纠纷计数的底表：每个纠纷一行；时间也相等，任意时间窗只读那几个月的文件
SELECT dispute.*, dispute_course.* EXCLUDE (dispute_id, first_reported_at), publication.as_of
FROM dispute
INNER JOIN dispute_course
    ON dispute_course.dispute_id = dispute.dispute_id
    AND dispute_course.first_reported_at = dispute.first_reported_at
CROSS JOIN publication
