-- 纠纷警情是否成了案件（转案）：确认类别为刑事、治安，或处警结果写明立案、受案；不予立案、叫人去法院立案的不算（假定）
CREATE OR REPLACE TEMP MACRO became_case(confirmed_category, outcome_text) AS
    coalesce(regexp_matches(confirmed_category, '^(刑事|行政（治安）|行政\(治安\)|治安)'), false)
    OR coalesce(
        regexp_matches(
            regexp_replace(
                outcome_text,
                '((不予?|未予?|没有?|无法|不够)(刑事|行政|治安)?(立案|受案|转案|拘留|处罚)|(法院|仲裁|人社|检察|劳动).{0,6}立案|(建议|引导|告知|要求).{0,8}立案|立案标准)',
                '',
                'g'
            ),
            '(转为?(刑事|治安|行政)案|转案|(已|予以|依法|刑事|行政|治安)(立案|受案)|立案(侦查|侦办|调查|查处)|受案(调查|登记)|(刑事|行政|治安)(拘留|处罚))'
        ),
        false
    )
