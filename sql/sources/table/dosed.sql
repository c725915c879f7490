-- A site's own table of drugs with the dose by its dosage texts. Grain: a row of it. Where a dose stands in figures too,
-- the two must agree; a value that is no number is left for the contract to reject.
WITH
plain AS (SELECT * FROM source.plain),

named AS (
    SELECT
        *,
        as_text(dosage_text) AS told_text,
        coalesce(as_number(strength_mg), CASE WHEN vocabulary = 'name' THEN strength_in(code) END) AS mg
    FROM plain
),

told AS (
    SELECT
        named.*,
        readings.frequency AS read_frequency,
        readings.length_days,
        text_dose(readings.mg_a_day, readings.pieces_a_day, readings.piece_mg, readings.other_piece_mg, named.mg) AS read_dose,
        is_other_tablet(readings.piece_mg, readings.other_piece_mg, named.mg) AS is_other_tablet,
        CASE WHEN readings.is_known IS NOT TRUE THEN named.told_text END AS unread_text
    FROM named
    LEFT JOIN source.dosage_readings AS readings ON named.dosage_text = readings.text
),

compared AS (
    SELECT
        *,
        is_other_tablet OR is_apart(as_number(daily_dose_mg), read_dose) AS is_contradicting,
        coalesce(as_text(CAST(daily_dose_mg AS VARCHAR)), CAST(read_dose AS VARCHAR)) AS dose
    FROM told
),

final AS (
    SELECT
        * EXCLUDE (
            daily_dose_mg, dosage_text, strength_mg, frequency, told_text, mg, read_frequency, read_dose, is_other_tablet,
            unread_text, is_contradicting, dose
        ),
        CASE WHEN NOT is_contradicting THEN dose END AS daily_dose_mg,
        coalesce(as_text(frequency), read_frequency) AS frequency,
        dose_note_of(is_contradicting, dose, unread_text) AS dose_note,
        unread_text AS dosage_text
    FROM compared
)

SELECT * FROM final
