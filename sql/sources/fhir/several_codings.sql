-- The conditions, procedures and reports whose codings are listed as different things: such a resource is each of them.
-- Grain: code (the codings), concept.
WITH
coded AS (
    SELECT code, unnest(concepts) AS concept
    FROM source.concepts
    WHERE table_name = 'clinical_events' AND vocabulary = several_codings()
),

final AS (
    SELECT DISTINCT 'clinical_events' AS table_name, several_codings() AS vocabulary, code, concept, 'codings' AS matched_by
    FROM coded
)

SELECT * FROM final
