-- 指标按纠纷计数的底表：每个纠纷一行
SELECT dispute.*, dispute_course.* EXCLUDE (dispute_id, first_reported_at), publication.as_of
FROM dispute
INNER JOIN dispute_course ON dispute_course.dispute_id = dispute.dispute_id
CROSS JOIN publication
