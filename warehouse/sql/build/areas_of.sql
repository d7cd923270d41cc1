-- 一条记录计入哪些区域：全市、区县、乡镇、村社区；不知道的层级不计
CREATE OR REPLACE TEMP MACRO areas_of(county_code, town_code, village_code) AS
    list_filter([getvariable('city_code'), county_code, town_code, village_code], lambda code: code IS NOT NULL)
