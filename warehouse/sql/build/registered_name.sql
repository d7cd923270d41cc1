-- 湖里任何一条记录登记的个人姓名；正文里提到而没有登记的不算，那是推测
SELECT DISTINCT name
FROM current_party
WHERE kind = 'person' AND is_full_name AND role <> 'mentioned' AND length(name) BETWEEN 2 AND 15
ORDER BY name
