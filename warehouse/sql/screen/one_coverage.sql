-- 哪些系统知道这起纠纷、哪些不知道
SELECT sources, missing_sources, hours, second_source
FROM lake.comparison_coverage
WHERE dispute_id = $id AND first_known_at BETWEEN $since AND $until
