-- 每批交付在六个维度上的得分
SELECT *
FROM core_delivery_score
