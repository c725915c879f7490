-- Orders of the hospital. Grain: a row of prescriptions.
-- An order that ends within a day of a discharge ends with it: what was taken at home is unknown.
WITH
prescriptions AS (SELECT * FROM source.prescriptions),

pharmacy AS (
    SELECT
        as_text(pharmacy_id) AS pharmacy_id,
        min(as_text(frequency)) AS frequency,
        min(as_text(infusion_type)) AS infusion_type,
        min(as_text(status)) AS status,
        min(as_number(doses_per_24_hrs)) AS doses_a_day
    FROM source.pharmacy
    GROUP BY as_text(pharmacy_id)
),

stays AS (SELECT * FROM hospital_stays()),

joined AS (
    SELECT
        prescriptions.*,
        as_day(prescriptions.starttime) AS start_day,
        as_day(prescriptions.stoptime) AS stop_day,
        -- An order's rows are numbered, the drug itself before what it was mixed with; one that came twice is one.
        dense_rank() OVER (
            PARTITION BY prescriptions.subject_id, prescriptions.pharmacy_id
            ORDER BY
                prescriptions.drug_type = 'MAIN' DESC NULLS LAST,
                prescriptions.drug_type,
                prescriptions.drug,
                CAST(prescriptions.starttime AS VARCHAR),
                CAST(prescriptions.stoptime AS VARCHAR),
                prescriptions.dose_val_rx,
                prescriptions.dose_unit_rx,
                prescriptions.doses_per_24_hrs,
                prescriptions.route,
                prescriptions.hadm_id
        ) AS place,
        pharmacy.frequency,
        readings.frequency AS read_frequency,
        readings.times_a_day,
        coalesce(readings.is_as_needed, FALSE) AS is_as_needed,
        pharmacy.infusion_type,
        pharmacy.status,
        nullif(coalesce(as_number(prescriptions.doses_per_24_hrs), pharmacy.doses_a_day), 0) AS doses_a_day,
        stays.hadm_id IS NOT NULL AS has_stay,
        stays.discharged_on
    FROM prescriptions
    LEFT JOIN pharmacy ON as_text(prescriptions.pharmacy_id) = pharmacy.pharmacy_id
    LEFT JOIN stays ON as_text(prescriptions.hadm_id) = stays.hadm_id
    LEFT JOIN source.dosage_readings AS readings ON pharmacy.frequency = readings.text
),

-- For an order of no known stay: the last discharge of the patient that it ends at, or whose stay it outlasts.
without_stay AS (
    SELECT joined.row_number, max(stays.discharged_on) AS discharged_on
    FROM joined
    INNER JOIN stays
        ON
            as_text(joined.subject_id) = stays.subject_id
            AND joined.stop_day >= stays.discharged_on - 1
            AND (
                joined.stop_day <= stays.discharged_on + 1
                OR joined.start_day BETWEEN stays.admitted_on AND stays.discharged_on
            )
    WHERE NOT joined.has_stay
    GROUP BY joined.row_number
),

-- Whose discharge it is does not matter: an order that ends within a day of one is never an explicit stop.
near_discharge AS (
    SELECT DISTINCT joined.row_number
    FROM joined
    INNER JOIN stays
        ON
            as_text(joined.subject_id) = stays.subject_id
            AND joined.stop_day BETWEEN stays.discharged_on - 1 AND stays.discharged_on + 1
),

dated AS (
    SELECT
        joined.* EXCLUDE (discharged_on),
        near_discharge.row_number IS NOT NULL AS is_near_discharge,
        coalesce(joined.discharged_on, without_stay.discharged_on) AS discharged_on,
        is_given(joined.stoptime) AS has_stop,
        joined.stop_day < joined.start_day AS is_stopped_days_before,
        joined.stop_day = joined.start_day AND time_of(joined.stoptime) < time_of(joined.starttime)
            AS is_stopped_hours_before
    FROM joined
    LEFT JOIN without_stay ON joined.row_number = without_stay.row_number
    LEFT JOIN near_discharge ON joined.row_number = near_discharge.row_number
),

-- The last day on which the order itself allows a dose.
allowed AS (
    SELECT
        *,
        CASE
            WHEN NOT has_stop THEN CASE WHEN discharged_on IS NOT NULL THEN greatest(start_day, discharged_on) END
            WHEN is_stopped_days_before THEN stop_day
            WHEN is_once(frequency) THEN start_day
            WHEN is_midnight(time_of(stoptime)) AND stop_day > start_day THEN stop_day - 1
            ELSE stop_day
        END AS allowed_to
    FROM dated
),

-- No dose of the hospital is given after the discharge.
ended AS (
    SELECT
        *,
        CASE
            WHEN allowed_to > discharged_on AND start_day <= discharged_on THEN discharged_on ELSE allowed_to
        END AS last_day
    FROM allowed
),

-- For what is given more rarely than daily doses_per_24_hrs holds 0 or nothing: the text tells then.
dosed AS (
    SELECT
        *,
        is_apart(doses_a_day, times_a_day) AS is_contradicting_dose,
        CASE
            WHEN NOT is_as_needed AND infusion_type IS DISTINCT FROM 'C'
                THEN dose_mg(dose_val_rx, dose_unit_rx) * coalesce(doses_a_day, times_a_day)
        END AS dose
    FROM ended
),

final AS (
    SELECT
        row_number,
        concat(subject_id, '-', pharmacy_id, '-', place) AS exposure_id,
        subject_id AS patient_id,
        'name' AS vocabulary,
        as_text(drug) AS code,
        local_text(starttime) AS start_date,
        CASE
            WHEN has_stop AND stop_day IS NULL THEN local_text(stoptime)
            ELSE coalesce(CAST(last_day AS VARCHAR), local_text(stoptime))
        END AS end_date,
        CASE WHEN NOT is_contradicting_dose THEN dose END AS daily_dose_mg,
        CASE WHEN read_frequency = 'QOD' THEN 'QOD' ELSE frequency END AS frequency,
        dose_note_of(is_contradicting_dose, dose, CASE WHEN times_a_day IS NULL THEN frequency END) AS dose_note,
        CASE WHEN times_a_day IS NULL THEN frequency END AS dosage_text,
        CASE
            WHEN contains(lower(status), 'patient discharge') THEN 'discharge'
            WHEN is_near_discharge THEN 'discharge'
            WHEN discharged_on IS NOT NULL AND (NOT has_stop OR stop_day >= discharged_on - 1) THEN 'discharge'
            WHEN NOT has_stop THEN 'ongoing'
            ELSE 'explicit'
        END AS end_type,
        route,
        'prescriptions' AS source_table,
        CASE WHEN upper(as_text(drug_type)) = 'BASE' THEN 'base_fluid' END AS left_out,
        CASE
            WHEN is_stopped_hours_before AND upper(as_text(drug_type)) IS DISTINCT FROM 'BASE' THEN 'end_before_start'
        END AS rejected
    FROM dosed
)

SELECT * EXCLUDE (row_number) FROM final ORDER BY row_number
