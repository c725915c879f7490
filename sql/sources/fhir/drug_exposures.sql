-- source."MedicationRequest", source."MedicationDispense", source."MedicationStatement" and
-- source."MedicationAdministration", in the one form of drug_records -> drug_exposures.
-- One tablet is ordered, dispensed, given and reported, and counts once (seen_elsewhere).
WITH
drug_records AS (SELECT * FROM source.drug_records),

concepts AS (SELECT * FROM source.concepts WHERE table_name = 'drug_exposures'),

dosages AS (SELECT * FROM source.dosages),

survivors AS (SELECT * FROM source.survivors),

encounters AS (
    SELECT id, max(as_day(period_end)) AS ended_on, bool_or(coalesce(is_inpatient(class), FALSE)) AS is_inpatient
    FROM source."Encounter"
    WHERE status IS NULL OR status NOT IN ('entered-in-error', 'planned', 'cancelled')
    GROUP BY id
),

-- Why a drug was stopped: a code on the list of reasons, else the words.
reasons AS (
    SELECT reason, as_concept(reason) AS concept
    FROM (SELECT DISTINCT reason FROM drug_records WHERE reason IS NOT NULL)
),

coded_reasons AS (
    SELECT reason, vocabulary_of(as_text(coding.system)) AS list, as_text(coding.code) AS code
    FROM (SELECT reason, unnest(concept.coding) AS coding FROM reasons)
),

keyed_reasons AS (
    SELECT reason, 'stop_reasons' AS table_name, list, code_key(list, code) AS key FROM coded_reasons
),

listed_reasons AS (SELECT reason, min(concept) AS stop_reason FROM listed_codes(keyed_reasons) GROUP BY reason),

told_reasons AS (
    SELECT
        reasons.reason,
        coalesce(
            listed_reasons.stop_reason,
            stop_reason_of(coalesce(
                as_text(reasons.concept.text),
                as_text(reasons.concept.coding[1].display),
                as_text(reasons.concept.coding[1].code)
            ))
        ) AS stop_reason
    FROM reasons
    LEFT JOIN listed_reasons ON reasons.reason = listed_reasons.reason
),

joined AS (
    SELECT
        drug_records.*,
        reference_id(drug_records.subject, 'Patient') AS named,
        concepts.vocabulary,
        concepts.code,
        concepts.concept,
        concepts.is_asked,
        concepts.is_contradicting,
        coalesce(strength_of(drug_records.ingredient), concepts.strength_mg) AS strength_mg,
        dosages.milligrams_a_day,
        dosages.pieces_a_day,
        dosages.is_known,
        dosages.is_contradicting AS is_contradicting_dosage,
        dosages.text_mg_a_day,
        dosages.text_pieces_a_day,
        dosages.text_piece_mg,
        dosages.text_other_piece_mg,
        dosages.unread_text,
        dosages.frequency,
        dosages.bounds_start,
        dosages.bounds_end,
        dosages.bounds_days,
        dosages.text_days,
        dosages.route,
        told_reasons.stop_reason,
        encounters.ended_on,
        drug_records.is_inpatient OR (NOT drug_records.has_category AND coalesce(encounters.is_inpatient, FALSE))
            AS is_of_stay
    FROM drug_records
    LEFT JOIN concepts ON drug_records.medicine = concepts.given
    LEFT JOIN dosages ON drug_records.dosage = dosages.given
    LEFT JOIN told_reasons ON drug_records.reason = told_reasons.reason
    LEFT JOIN encounters ON reference_id(drug_records.encounter, 'Encounter') = encounters.id
),

-- The days that an amount lasts at the dose that is ordered; a refill that is allowed is counted as taken,
-- but not of an order that is completed.
placed AS (
    SELECT
        joined.*,
        coalesce(survivors.survivor, joined.named) AS patient_id,
        placed_by(coalesce(joined.bounds_start, joined.given_start), joined.recorded) AS start_date,
        coalesce(joined.bounds_end, joined.given_end) AS said_end,
        CASE WHEN joined.is_known AND (joined.pieces_a_day = 0 OR joined.strength_mg IS NOT NULL)
            THEN joined.milligrams_a_day + coalesce(joined.pieces_a_day * joined.strength_mg, 0) END AS told_dose,
        is_other_tablet(joined.text_piece_mg, joined.text_other_piece_mg, joined.strength_mg) AS is_other_tablet,
        text_dose(
            joined.text_mg_a_day,
            joined.text_pieces_a_day,
            joined.text_piece_mg,
            joined.text_other_piece_mg,
            joined.strength_mg
        ) AS text_dose,
        days_of(joined.supply_value, joined.supply_unit) AS stated_supply,
        plausible_supply(coalesce(
            CASE WHEN plausible_supply(stated_supply) IS NOT NULL THEN stated_supply END,
            positive_ratio(
                pieces_of(joined.quantity_value, joined.quantity_unit),
                CASE
                    WHEN NOT joined.is_known THEN NULL
                    WHEN joined.milligrams_a_day = 0 THEN joined.pieces_a_day
                    ELSE joined.pieces_a_day + positive_ratio(joined.milligrams_a_day, joined.strength_mg)
                END
            )
        )) AS counted_supply,
        -- A length in the text comes after what is counted, and no repeat multiplies it.
        coalesce(counted_supply, plausible_supply(joined.text_days)) AS days_supply
    FROM joined
    LEFT JOIN survivors ON joined.named = survivors.replaced
),

-- A dose in figures and one in words that differ: nobody knows which one is taken.
compared AS (
    SELECT
        * EXCLUDE (told_dose, text_dose, is_other_tablet),
        coalesce(is_contradicting_dosage, FALSE) OR is_other_tablet OR is_apart(told_dose, text_dose) AS is_contradicting_dose,
        told_dose AS dose
    FROM placed
),

-- What was stopped or put on hold ends on the day that it says and on no other: an amount, a duration that was planned or a
-- stay in hospital would cover the break.
cut AS (
    SELECT
        *,
        source_table IN ('MedicationRequest', 'MedicationStatement') AS is_course,
        coalesce(
            source_table IN ('MedicationRequest', 'MedicationStatement')
            AND status IN ('stopped', 'on-hold')
            AND NOT is_single,
            FALSE
        ) AS is_cut,
        coalesce(
            fills > 1
            AND counted_supply IS NOT NULL
            AND said_end IS NULL
            AND NOT is_cut
            AND NOT coalesce(bounds_days BETWEEN 1 AND 36525, FALSE),
            FALSE
        ) AS is_refilled
    FROM compared
),

ended AS (
    SELECT
        *,
        CASE
            WHEN said_end IS NOT NULL THEN said_end
            WHEN is_cut THEN NULL
            WHEN bounds_days BETWEEN 1 AND 36525
                THEN CAST(as_day(start_date) + CAST(bounds_days AS INTEGER) - 1 AS VARCHAR)
            WHEN is_refilled THEN CAST(as_day(start_date) + CAST(fills * days_supply AS INTEGER) - 1 AS VARCHAR)
            WHEN is_single AND days_supply IS NULL THEN start_date
            WHEN days_supply IS NULL AND is_inpatient AND ended_on >= as_day(start_date) THEN CAST(ended_on AS VARCHAR)
        END AS end_date,
        -- The day of this version, as written or at the site: by then a course that has ended had ended.
        greatest(as_day(lastUpdated), as_day(as_instant(lastUpdated))) AS told_on
    FROM cut
),

typed AS (
    SELECT
        *,
        CASE
            -- A stop for the liver is a stop, on whatever day the patient went home.
            WHEN (is_cut OR (status = 'stopped' AND NOT is_single)) AND is_liver(stop_reason) THEN 'explicit'
            WHEN is_of_stay AND abs(as_day(end_date) - ended_on) <= 1 THEN 'discharge'
            WHEN is_cut AND end_date IS NOT NULL THEN 'explicit'
            WHEN status = 'completed' AND source_table = 'MedicationStatement' AND end_date IS NOT NULL THEN 'explicit'
            WHEN days_supply IS NOT NULL
                AND (is_refilled OR end_date IS NULL OR as_day(end_date) - as_day(start_date) + 1 = days_supply) THEN 'supply'
            WHEN end_date IS NULL AND status IN ('active', 'in-progress') THEN 'ongoing'
        END AS end_type,
        CASE
            WHEN is_contradicting THEN 'contradicting_codes'
            WHEN NOT is_asked THEN NULL
            WHEN is_cut AND end_date IS NULL THEN 'ended_on_unknown_day'
            WHEN is_course AND status IN ('stopped', 'completed', 'on-hold')
                AND coalesce(
                    as_day(end_date), as_day(start_date) + CAST(least(days_supply, 36525) AS INTEGER) - 1
                ) > told_on THEN 'ended_on_unknown_day'
            WHEN end_date IS NOT NULL OR days_supply IS NOT NULL THEN NULL
            -- Only what is said to be active runs on.
            WHEN is_course AND coalesce(status <> 'active', TRUE) THEN 'ended_on_unknown_day'
            WHEN status IN ('stopped', 'completed') AND source_table <> 'MedicationDispense' THEN 'ended_on_unknown_day'
            WHEN source_table = 'MedicationDispense' THEN 'unknown_supply'
        END AS broken
    FROM ended
),

repeated_hashes AS (
    SELECT hash(source_table, id) AS id_hash FROM drug_records WHERE id IS NOT NULL GROUP BY id_hash HAVING count(*) > 1
),

dated AS (
    SELECT
        typed.*,
        repeated_hashes.id_hash IS NOT NULL AS is_repeated,
        CASE WHEN repeated_hashes.id_hash IS NULL THEN coalesce(typed.recorded, typed.lastUpdated)
            ELSE coalesce(typed.lastUpdated, typed.recorded) END AS recorded_at
    FROM typed
    LEFT JOIN repeated_hashes ON hash(typed.source_table, typed.id) = repeated_hashes.id_hash
),

versions AS (
    SELECT *, coalesce(as_day(recorded_at) <= getvariable('as_of'), TRUE) AS is_recorded FROM dated
),

-- The latest version of an id decides: an older one does not come back where it is taken back.
ranked AS (
    SELECT
        *,
        is_recorded AND rank() OVER (
            PARTITION BY source_table, id, is_recorded ORDER BY as_instant(recorded_at) DESC NULLS LAST
        ) > 1 AS is_outdated,
        is_recorded AND count(DISTINCT left_out IS NULL) OVER (
            PARTITION BY source_table, id, is_recorded, as_instant(recorded_at)
        ) > 1 AS is_conflicting
    FROM versions
    WHERE is_repeated
    UNION ALL
    SELECT *, FALSE, FALSE FROM versions WHERE NOT is_repeated
),

judged AS (
    SELECT
        * EXCLUDE (left_out),
        CASE WHEN is_outdated THEN 'older_version' WHEN NOT is_conflicting THEN left_out END AS left_out,
        CASE
            WHEN is_outdated OR (left_out IS NOT NULL AND NOT is_conflicting) THEN NULL
            WHEN is_conflicting THEN 'conflicting_versions'
            ELSE broken
        END AS rejected
    FROM ranked
),

spans AS (
    SELECT
        *,
        as_day(start_date) AS first_day,
        CASE
            WHEN end_date IS NOT NULL THEN as_day(end_date)
            WHEN days_supply IS NOT NULL THEN as_day(start_date) + CAST(least(days_supply, 36525) AS INTEGER) - 1
            ELSE DATE '9999-12-31'
        END AS last_day
    FROM judged
),

-- The records that the contract can use.
usable AS (
    SELECT source_table, row_number, kind, id, patient_id, concept, based_on, first_day, last_day
    FROM spans
    WHERE
        left_out IS NULL
        AND rejected IS NULL
        AND is_recorded
        AND concept IS NOT NULL
        AND patient_id IS NOT NULL
        AND first_day <= coalesce(getvariable('as_of'), first_day)
        AND last_day >= first_day
),

parents AS (
    SELECT
        source_table,
        row_number,
        reference_id(unnest(json_extract_string(based_on, '$[*].reference')), 'MedicationRequest') AS parent_id
    FROM usable
    WHERE based_on IS NOT NULL
),

-- An order that carries out another one of the same drug, within its days.
carried_out AS (
    SELECT DISTINCT child.source_table, child.row_number, parent.row_number AS parent_row
    FROM parents
    INNER JOIN usable AS child ON parents.source_table = child.source_table AND parents.row_number = child.row_number
    INNER JOIN usable AS parent
        ON
            parents.parent_id = parent.id
            AND parent.source_table = child.source_table
            AND parent.id <> child.id
            AND parent.patient_id = child.patient_id
            AND parent.concept = child.concept
            AND child.first_day BETWEEN parent.first_day AND parent.last_day
),

-- One step: what is itself based on another leaves nothing out, so that of a ring nothing is lost.
based AS (
    SELECT DISTINCT source_table, row_number FROM carried_out
    WHERE parent_row NOT IN (SELECT row_number FROM carried_out)
),

candidates AS (
    SELECT
        spans.source_table,
        spans.row_number,
        spans.patient_id AS person_id,
        spans.concept,
        spans.kind,
        spans.source_table AS record_type,
        spans.first_day,
        spans.last_day,
        usable.row_number IS NOT NULL AND based.row_number IS NULL AS is_usable
    FROM spans
    LEFT JOIN usable ON spans.source_table = usable.source_table AND spans.row_number = usable.row_number
    LEFT JOIN based ON spans.source_table = based.source_table AND spans.row_number = based.row_number
),

seen AS (SELECT source_table, row_number, seen_as FROM seen_elsewhere(candidates)),

final AS (
    SELECT
        judged.source_table || '/' || judged.id AS exposure_id,
        judged.patient_id,
        judged.vocabulary,
        judged.code,
        judged.start_date,
        judged.end_date,
        coalesce(judged.days_supply, CASE WHEN judged.stated_supply >= 1 THEN judged.stated_supply END) AS days_supply,
        CASE WHEN judged.is_refilled THEN 'refills' END AS length_basis,
        CASE WHEN NOT judged.is_contradicting_dose THEN judged.dose END AS daily_dose_mg,
        judged.frequency,
        dose_note_of(judged.is_contradicting_dose, judged.dose, judged.unread_text) AS dose_note,
        judged.unread_text AS dosage_text,
        judged.end_type,
        CASE WHEN judged.status IN ('stopped', 'completed', 'on-hold') THEN judged.stop_reason END AS stop_reason,
        judged.route,
        judged.recorded_at,
        judged.source_table,
        CASE
            WHEN judged.left_out IS NOT NULL THEN judged.left_out
            WHEN seen.seen_as IS NOT NULL THEN 'seen_as_' || seen.seen_as
            WHEN based.row_number IS NOT NULL THEN 'seen_as_based_on'
        END AS left_out,
        CASE WHEN seen.seen_as IS NULL THEN judged.rejected END AS rejected
    FROM judged
    LEFT JOIN seen ON judged.source_table = seen.source_table AND judged.row_number = seen.row_number
    LEFT JOIN based ON judged.source_table = based.source_table AND judged.row_number = based.row_number
)

SELECT * FROM final
