-- 五个系统中已有交付的：没有交付过的系统不能说它“不知道”
CREATE OR REPLACE TEMP VIEW system AS
SELECT DISTINCT source
FROM event
WHERE source IN ('hotline', 'police', 'mediation', 'citymgmt', 'grid')
