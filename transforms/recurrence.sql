-- 新纠纷 × 已了结的旧纠纷：到某日为止已知的“同人 + 同事”的分数。只看当日已交付的记录，不看以后的。
-- 参数为 recurrence.yml 的数值。一行一个复发的新纠纷；known_date 为分数首次达到门槛之日。
-- recurrence_version：属于纠纷的记录的各版本与知道之日（transforms.recurrence）。
WITH attribute AS (
    SELECT r.dispute_id, r.known_date, false AS is_own, unnest([
        {kind: 'class', value: nullif(left(r.category_code, 2), '99')},
        {kind: 'town', value: left(coalesce(r.town_code, r.village_code), 9)},
        {kind: 'spot', value: r.spot}
    ], recursive := true)
    FROM recurrence_version r
    UNION ALL
    SELECT r.dispute_id, r.known_date, p.role IN ('reporter', 'applicant') AS is_own, unnest(list_concat(
        list_transform(coalesce(p.phone_tokens, []), lambda token: {kind: 'phone', value: token}),
        [
            {kind: 'id', value: p.id_token},
            {kind: 'name', value: CASE WHEN p.is_full_name AND p.kind = 'person' THEN p.name END},
            {kind: 'organisation', value: p.organisation_key},
            {kind: 'surname', value: CASE WHEN p.role IN ('reporter', 'applicant') THEN p.surname END}
        ]
    ), recursive := true)
    FROM core_party p
    JOIN recurrence_version r ON r.event_id = p.event_id AND r.delivery_date = p.delivery_date
),
-- 一个纠纷的一项特征只算一次，自最早知道之日起；spread：到那一日为止它在几个纠纷里出现过
trait AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY kind, value ORDER BY known_date RANGE UNBOUNDED PRECEDING) AS spread
    FROM (
        SELECT dispute_id, kind, value, min(known_date) AS known_date, bool_or(is_own) AS is_own
        FROM attribute
        WHERE value IS NOT NULL
        GROUP BY ALL
    )
),
dispute AS (
    SELECT dispute_id, min(reported_at) AS first_reported_at, any_value(known_date) AS known_date
    FROM (FROM recurrence_version QUALIFY known_date = min(known_date) OVER (PARTITION BY dispute_id))
    GROUP BY dispute_id
),
candidate AS (
    SELECT DISTINCT n.dispute_id AS dispute_id, o.dispute_id AS earlier, f.first_reported_at, f.known_date
    FROM trait n
    JOIN trait o USING (kind, value)
    JOIN dispute f ON f.dispute_id = n.dispute_id
    JOIN dispute b ON b.dispute_id = o.dispute_id
    WHERE n.kind IN ('phone', 'id', 'name')
        AND n.spread <= $rare_at_most
        AND b.first_reported_at < f.first_reported_at - to_days($days::integer)
),
-- 新纠纷首次可知之时，旧纠纷是何情形：那以后才知道的记录与结果不看
version AS (
    SELECT c.*, r.event_id, r.reported_at, r.success_at, r.closed_at, r.is_open
    FROM candidate c
    JOIN recurrence_version r
        ON r.dispute_id = c.earlier AND r.known_date <= c.known_date AND r.reported_at < c.first_reported_at
    QUALIFY r.version_number = max(r.version_number) OVER (PARTITION BY c.dispute_id, c.earlier, r.event_id)
),
past AS (
    SELECT
        dispute_id,
        earlier,
        first_reported_at,
        max(reported_at) AS last_reported_at,
        max(success_at) FILTER (success_at < first_reported_at) AS success_at,
        max(closed_at) FILTER (closed_at < first_reported_at) AS closed_at,
        bool_or(is_open OR coalesce(closed_at, success_at) >= first_reported_at) AS is_open
    FROM version
    GROUP BY dispute_id, earlier, first_reported_at
),
ending AS (
    SELECT
        *,
        CASE
            WHEN success_at::date >= last_reported_at::date THEN success_at
            WHEN NOT coalesce(is_open, false) AND closed_at::date >= last_reported_at::date THEN closed_at
        END AS resolved_at
    FROM past
),
pair AS (
    SELECT
        *,
        CASE WHEN resolved_at IS NULL THEN $silent_from ELSE $resolved_from END AS threshold
    FROM ending
    WHERE coalesce(resolved_at, CASE WHEN NOT coalesce(is_open, false) THEN last_reported_at END)
        < first_reported_at - to_days($days::integer)
),
-- 每一种特征：两边都知道之日，两边有相同之日
told AS (
    SELECT p.dispute_id, p.earlier, n.kind, greatest(n.known_date, o.known_date) AS since
    FROM pair p
    JOIN (SELECT dispute_id, kind, min(known_date) AS known_date FROM trait GROUP BY ALL) n
        ON n.dispute_id = p.dispute_id
    JOIN (SELECT dispute_id, kind, min(known_date) AS known_date FROM trait GROUP BY ALL) o
        ON o.dispute_id = p.earlier AND o.kind = n.kind
),
shared AS (
    SELECT
        p.dispute_id,
        p.earlier,
        n.kind,
        min(greatest(n.known_date, o.known_date)) AS since,
        min(greatest(n.known_date, o.known_date)) FILTER (n.is_own AND o.is_own) AS own_since
    FROM pair p
    JOIN trait n ON n.dispute_id = p.dispute_id
    JOIN trait o ON o.dispute_id = p.earlier AND o.kind = n.kind AND o.value = n.value
    WHERE (n.kind NOT IN ('phone', 'id', 'name') OR n.spread <= $rare_at_most)
        AND (n.kind <> 'spot' OR n.spread <= $spot_at_most)
    GROUP BY ALL
    UNION ALL -- 名称互相包含的单位：广铭公司、玉溪广铭
    SELECT p.dispute_id, p.earlier, 'alike', min(greatest(n.known_date, o.known_date)), NULL
    FROM pair p
    JOIN trait n ON n.dispute_id = p.dispute_id AND n.kind = 'organisation'
    JOIN trait o ON o.dispute_id = p.earlier AND o.kind = 'organisation'
    WHERE contains(n.value, o.value) OR contains(o.value, n.value)
    GROUP BY ALL
),
-- 各有多少人反映（以电话计）：人多的两件事碰巧有一人相同，不算复发
crowd AS (
    SELECT
        p.dispute_id,
        p.earlier,
        list_sort(list(t.known_date) FILTER (t.dispute_id = p.dispute_id))[$crowd_from] AS new_since,
        list_sort(list(t.known_date) FILTER (t.dispute_id = p.earlier))[$crowd_from] AS earlier_since
    FROM pair p
    JOIN trait t ON t.dispute_id IN (p.dispute_id, p.earlier)
    WHERE t.kind = 'phone' AND t.is_own
    GROUP BY ALL
),
-- 逐日计分：新纠纷每来一批记录算一次
moment AS (
    SELECT DISTINCT p.dispute_id, p.earlier, p.first_reported_at, p.last_reported_at, p.resolved_at, p.threshold,
        r.known_date
    FROM pair p
    JOIN recurrence_version r USING (dispute_id)
),
state AS (
    SELECT
        m.*,
        map_from_entries(list({k: s.kind, v: true}) FILTER (s.since <= m.known_date)) AS same,
        coalesce(bool_or(s.own_since <= m.known_date AND s.kind IN ('phone', 'id', 'name')), false) AS is_own
    FROM moment m
    JOIN shared s USING (dispute_id, earlier)
    GROUP BY ALL
),
apart AS (
    SELECT
        m.dispute_id,
        m.earlier,
        m.known_date,
        map_from_entries(list({k: b.kind, v: true}) FILTER (b.since <= m.known_date)) AS known
    FROM moment m
    JOIN told b USING (dispute_id, earlier)
    GROUP BY ALL
),
scored AS (
    SELECT
        s.*,
        $same_id * (s.same['id'] IS NOT NULL)::int
        + $same_phone * (s.same['phone'] IS NOT NULL)::int
        + $same_name * (s.same['name'] IS NOT NULL)::int
        + $not_complainant * (NOT s.is_own)::int
        + CASE WHEN s.same['organisation'] IS NOT NULL THEN $same_organisation
            WHEN s.same['alike'] IS NULL AND a.known['organisation'] IS NOT NULL THEN $other_organisation
            ELSE 0 END
        + $crowded * coalesce(greatest(c.new_since, c.earlier_since) <= s.known_date
            AND c.new_since IS NOT NULL AND c.earlier_since IS NOT NULL, false)::int
        + $same_spot * (s.same['spot'] IS NOT NULL)::int
        + CASE WHEN s.same['surname'] IS NOT NULL THEN $same_surname
            WHEN a.known['surname'] IS NOT NULL AND s.same['id'] IS NULL AND s.same['name'] IS NULL THEN $other_surname
            ELSE 0 END
        + CASE WHEN s.same['class'] IS NOT NULL THEN $same_class WHEN a.known['class'] IS NOT NULL THEN $other_class
            ELSE 0 END
        + $same_town * (s.same['town'] IS NOT NULL)::int AS score
    FROM state s
    JOIN apart a USING (dispute_id, earlier, known_date)
    LEFT JOIN crowd c USING (dispute_id, earlier)
    WHERE s.same['town'] IS NOT NULL OR a.known['town'] IS NULL
)
SELECT
    dispute_id,
    earlier AS recurrence_of,
    known_date::timestamp AS known_date,
    first_reported_at,
    resolved_at,
    last_reported_at,
    score
FROM scored
WHERE score >= threshold
QUALIFY row_number() OVER (
    PARTITION BY dispute_id ORDER BY known_date, score DESC, last_reported_at DESC, earlier
) = 1
ORDER BY dispute_id
