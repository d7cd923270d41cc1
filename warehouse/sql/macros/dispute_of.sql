-- 一条记录属于哪个纠纷：dispute_of('hotline', '工单编号')
CREATE MACRO dispute_of(system, number) AS TABLE
    SELECT dispute.*
    FROM dispute_event
    JOIN dispute ON dispute.dispute_id = dispute_event.dispute_id
    WHERE dispute_event.source = system AND dispute_event.source_record_id = number
