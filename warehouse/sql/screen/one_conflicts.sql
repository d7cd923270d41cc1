-- 一起纠纷中各系统说法不一之处
SELECT kind_name, source_l, at_l, value_l, source_r, at_r, value_r, hours
FROM lake.comparison_status_conflict
WHERE dispute_id = $id
ORDER BY kind, at_l, event_id_l, event_id_r
