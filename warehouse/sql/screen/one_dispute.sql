-- 一起纠纷
SELECT * FROM lake.dispute WHERE dispute_id = $id
