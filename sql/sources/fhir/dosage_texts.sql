-- The dosage texts of the resources: of each instruction its text, the patient's instruction and the text or code of its
-- timing. Grain: a text of an instruction.
WITH
drug_records AS (SELECT DISTINCT dosage AS given FROM source.drug_records WHERE dosage IS NOT NULL),

listed AS (
    SELECT
        unnest(json_transform(
            CASE WHEN json_type(given) = 'OBJECT' THEN '[' || given || ']' ELSE given END,
            '[{
                "text": "VARCHAR",
                "patientInstruction": "VARCHAR",
                "timing": {"code": {"coding": [{"code": "VARCHAR"}], "text": "VARCHAR"}}
            }]'
        )) AS instruction
    FROM drug_records
),

final AS (
    SELECT
        unnest([
            instruction.text,
            instruction.patientInstruction,
            instruction.timing.code.text,
            instruction.timing.code.coding[1].code
        ]) AS text
    FROM listed
)

SELECT text FROM final WHERE as_text(text) IS NOT NULL
