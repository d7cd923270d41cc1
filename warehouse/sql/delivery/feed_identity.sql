-- 最近三十天纠纷编号的并入、拆分与裁定：凭此把自己存的旧编号换成新编号
SELECT "at", dispute_id, action, other_dispute_id
FROM dispute_ledger
WHERE action <> 'mint' AND "at" > getvariable('as_of') - INTERVAL 30 DAY
