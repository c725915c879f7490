-- The patients whose record another has replaced, with the id of that other. Grain: replaced patient.
-- survivor is null where two records claim to be the other; links are followed to their end.
WITH RECURSIVE
patients AS (SELECT id, link, as_instant(lastUpdated) AS updated FROM source."Patient"),

linked AS (
    SELECT
        id,
        unnest(json_transform(link, '[{"type": "VARCHAR", "other": {"reference": "VARCHAR"}}]')) AS link
    FROM patients
    WHERE link IS NOT NULL
    QUALIFY rank() OVER (PARTITION BY id ORDER BY updated DESC NULLS LAST) = 1
),

pairs AS (
    SELECT id AS replaced, reference_id(link.other.reference, 'Patient') AS survivor
    FROM linked
    WHERE link.type = 'replaced-by'
    UNION
    SELECT reference_id(link.other.reference, 'Patient'), id
    FROM linked
    WHERE link.type = 'replaces'
),

followed AS (
    SELECT replaced, survivor FROM pairs WHERE replaced <> survivor
    UNION
    SELECT followed.replaced, pairs.survivor
    FROM followed
    INNER JOIN pairs ON followed.survivor = pairs.replaced
),

ends AS (SELECT followed.* FROM followed ANTI JOIN pairs ON followed.survivor = pairs.replaced),

final AS (
    SELECT pairs.replaced, CASE WHEN min(ends.survivor) = max(ends.survivor) THEN min(ends.survivor) END AS survivor
    FROM pairs
    LEFT JOIN ends ON pairs.replaced = ends.replaced
    WHERE pairs.replaced IS NOT NULL
    GROUP BY pairs.replaced
)

SELECT * FROM final
