-- A record in which a person threatens violence, suicide or an extreme act (core_event.threat_words, exclusions done).
SELECT
    dispute_id,
    event_id,
    source_record_id AS raised_for,
    min(known_date) OVER (PARTITION BY event_id) AS first_seen_at,
    known_date AS known_on,
    NULL::date AS ended_on,
    len(threat_words) AS measure,
    format('记录中有扬言极端的话：{}', array_to_string(threat_words, '、')) AS evidence
FROM warning_version
WHERE len(threat_words) > 0
QUALIFY len(threat_words) > coalesce(max(len(threat_words)) OVER (
    PARTITION BY event_id ORDER BY version_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
), 0)
