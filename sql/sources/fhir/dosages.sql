-- What dosage instructions say of dose, frequency and duration. Grain: dosage instructions as JSON.
-- A day's dose is milligrams_a_day plus pieces_a_day times the strength; is_known says that nothing is missing for it.
-- text_* is what the words alone say of it; where the two differ (is_contradicting, or once the strength is known) there
-- is none.
-- Instructions one after the other (a taper) have no one dose; concurrent ones add where they run for the same time.
WITH
drug_records AS (SELECT DISTINCT dosage AS given FROM source.drug_records WHERE dosage IS NOT NULL),

-- An administration has one dosage, of another form: the dose stands in it, and it was given once.
listed AS (
    SELECT
        given,
        json_type(given) = 'OBJECT' AS is_given_once,
        unnest(json_transform(
            CASE WHEN json_type(given) = 'OBJECT' THEN '[' || given || ']' ELSE given END,
            '[{
                "sequence": "VARCHAR",
                "text": "VARCHAR",
                "patientInstruction": "VARCHAR",
                "asNeededBoolean": "VARCHAR",
                "asNeededCodeableConcept": "JSON",
                "timing": {
                    "repeat": {
                        "boundsPeriod": {"start": "VARCHAR", "end": "VARCHAR"},
                        "boundsDuration": {"value": "VARCHAR", "unit": "VARCHAR", "code": "VARCHAR"},
                        "frequency": "DOUBLE",
                        "frequencyMax": "DOUBLE",
                        "period": "DOUBLE",
                        "periodMax": "DOUBLE",
                        "periodUnit": "VARCHAR",
                        "dayOfWeek": ["VARCHAR"],
                        "timeOfDay": ["VARCHAR"],
                        "when": ["VARCHAR"]
                    },
                    "code": {"coding": [{"code": "VARCHAR"}], "text": "VARCHAR"}
                },
                "route": {"coding": [{"code": "VARCHAR", "display": "VARCHAR"}], "text": "VARCHAR"},
                "dose": {"value": "VARCHAR", "comparator": "VARCHAR", "unit": "VARCHAR", "code": "VARCHAR"},
                "doseAndRate": [{
                    "doseQuantity": {"value": "VARCHAR", "comparator": "VARCHAR", "unit": "VARCHAR", "code": "VARCHAR"},
                    "doseRange": {
                        "low": {"value": "VARCHAR", "unit": "VARCHAR", "code": "VARCHAR"},
                        "high": {"value": "VARCHAR", "unit": "VARCHAR", "code": "VARCHAR"}
                    },
                    "rateQuantity": {"value": "VARCHAR", "unit": "VARCHAR", "code": "VARCHAR"}
                }]
            }]'
        )) AS instruction
    FROM drug_records
),

said AS (
    SELECT
        given,
        is_given_once,
        instruction,
        -- An administration was given once, however often its words say that the drug is taken.
        CASE WHEN NOT is_given_once THEN instruction.text END AS words,
        CASE WHEN NOT is_given_once THEN instruction.patientInstruction END AS words_to_patient,
        instruction.timing.repeat AS repeat,
        coalesce(instruction.timing.code.coding[1].code, instruction.timing.code.text) AS timing_text,
        coalesce(instruction.asNeededBoolean = 'true' OR instruction.asNeededCodeableConcept IS NOT NULL, FALSE) AS is_as_needed,
        len(coalesce(instruction.timing.repeat.dayOfWeek, [])) AS weekdays,
        len(coalesce(instruction.timing.repeat.timeOfDay, instruction.timing.repeat.when, [])) AS times_listed,
        list_transform(
            coalesce(
                instruction.doseAndRate,
                [{
                    'doseQuantity': instruction.dose, 'doseRange': NULL, 'rateQuantity': NULL
                }]
            ),
            lambda x: CASE
                WHEN x.doseQuantity.comparator IS NOT NULL THEN NULL
                WHEN x.doseQuantity.value IS NOT NULL
                    THEN {'value': x.doseQuantity.value, 'unit': coalesce(x.doseQuantity.code, x.doseQuantity.unit)}
                WHEN x.doseRange.low.value = x.doseRange.high.value
                    THEN {'value': x.doseRange.low.value, 'unit': coalesce(x.doseRange.low.code, x.doseRange.low.unit)}
            END
        ) AS doses,
        list_transform(
            instruction.doseAndRate,
            lambda x: CASE
                WHEN coalesce(x.rateQuantity.code, x.rateQuantity.unit) IN ('mg/d', 'mg/(24.h)', 'mg/day')
                    THEN try_cast(x.rateQuantity.value AS DOUBLE)
            END
        ) AS rates
    FROM listed
),

readings AS (SELECT * FROM source.dosage_readings),

-- The instruction to the patient counts where the text itself is explained and says no dose; where both do, they must
-- agree. A text with a word that nobody explains ("hold") is not overruled by it.
worded AS (
    SELECT
        said.* EXCLUDE (is_as_needed, words_to_patient),
        said.is_as_needed OR coalesce(in_text.is_as_needed, FALSE) OR coalesce(to_patient.is_as_needed, FALSE) AS is_as_needed,
        coalesce(as_text(said.words), as_text(said.words_to_patient)) AS told_words,
        CASE
            WHEN as_text(said.words) IS NULL THEN to_patient
            WHEN to_patient.is_known AND in_text.is_explained AND NOT in_text.is_known THEN to_patient
            ELSE in_text
        END AS reading,
        coalesce(
            in_text.is_known
            AND to_patient.is_known
            AND (
                is_apart(in_text.mg_a_day, to_patient.mg_a_day)
                OR is_apart(in_text.pieces_a_day, to_patient.pieces_a_day)
            ),
            FALSE
        ) AS is_told_in_two_ways,
        timing.times_a_day AS times_by_code
    FROM said
    LEFT JOIN readings AS in_text ON said.words = in_text.text
    LEFT JOIN readings AS to_patient ON said.words_to_patient = to_patient.text
    LEFT JOIN readings AS timing ON said.timing_text = timing.text
),

timed AS (
    SELECT
        *,
        days_of('1', repeat.periodUnit) * repeat.period AS period_days,
        -- What is listed by hour or by meal is the frequency, where none is given; where both are and differ, none holds.
        CASE
            WHEN repeat.frequencyMax <> coalesce(repeat.frequency, 1) OR repeat.periodMax <> repeat.period THEN NULL
            WHEN times_listed > 1 AND repeat.frequency <> times_listed THEN NULL
            WHEN times_listed > 0 THEN coalesce(repeat.frequency, times_listed)
            ELSE coalesce(repeat.frequency, 1)
        END AS frequency
    FROM worded
),

counted AS (
    SELECT
        *,
        CASE
            WHEN is_given_once THEN 1.0
            WHEN weekdays > 0 AND repeat.periodUnit = 'wk'
                THEN CASE WHEN repeat.period = 1 AND coalesce(repeat.frequency, weekdays) = weekdays THEN weekdays / 7.0 END
            WHEN weekdays > 0 AND coalesce(period_days, 1) = 1 THEN frequency * weekdays / 7.0
            WHEN weekdays > 0 THEN NULL
            WHEN period_days > 0 THEN frequency / period_days
            WHEN repeat.period IS NOT NULL OR repeat.frequency IS NOT NULL THEN NULL
            WHEN times_listed > 0 THEN times_listed
            -- Of the standard's codes MO is a month, not a Monday.
            WHEN upper(timing_text) = 'MO' THEN NULL
            WHEN upper(timing_text) = 'WK' THEN 1 / 7.0
            WHEN timing_text IS NOT NULL THEN times_by_code
            ELSE reading.times_a_day
        END AS times_a_day,
        instruction.doseAndRate IS NULL AND NOT is_given_once AS is_in_words,
        CASE WHEN is_one(doses) THEN mg_of(doses[1].value, doses[1].unit) END AS milligrams,
        CASE WHEN is_one(doses) THEN pieces_of(doses[1].value, doses[1].unit) END AS pieces
    FROM timed
),

-- Words count where no quantity is given; where one is in a strange unit, it is not overruled by them.
structured AS (
    SELECT
        *,
        CASE
            WHEN is_one(rates) THEN rates[1]
            WHEN is_in_words THEN reading.dose_mg * times_a_day
            ELSE milligrams * times_a_day
        END AS milligrams_told,
        CASE WHEN is_in_words THEN reading.dose_pieces ELSE pieces END * times_a_day AS pieces_told
    FROM counted
),

dosed AS (
    SELECT
        *,
        CASE
            WHEN is_as_needed THEN NULL
            WHEN is_in_words AND reading.is_known THEN reading.mg_a_day
            ELSE milligrams_told
        END AS milligrams_a_day,
        CASE
            WHEN is_as_needed THEN NULL
            WHEN is_in_words AND reading.is_known THEN reading.pieces_a_day
            ELSE pieces_told
        END AS pieces_a_day,
        is_told_in_two_ways
        OR is_apart(milligrams_told, reading.mg_a_day)
        OR is_apart(pieces_told, reading.pieces_a_day)
        OR coalesce(reading.is_known AND is_in_words AND is_apart(times_a_day, reading.times_a_day), FALSE) AS is_contradicting,
        floor(days_of(
            repeat.boundsDuration.value, coalesce(repeat.boundsDuration.code, repeat.boundsDuration.unit)
        )) AS bounds_days
    FROM structured
),

final AS (
    SELECT
        given,
        sum(coalesce(milligrams_a_day, 0)) AS milligrams_a_day,
        sum(CASE WHEN milligrams_a_day IS NULL THEN coalesce(pieces_a_day, 0) ELSE 0 END) AS pieces_a_day,
        bool_and(milligrams_a_day IS NOT NULL OR pieces_a_day IS NOT NULL)
        AND count(DISTINCT coalesce(instruction.sequence, '')) = 1
        AND count(DISTINCT (repeat.boundsPeriod, bounds_days)) = 1 AS is_known,
        bool_or(is_contradicting) AS is_contradicting,
        CASE WHEN bool_and(reading.is_known) THEN sum(reading.mg_a_day) END AS text_mg_a_day,
        CASE WHEN bool_and(reading.is_known) THEN sum(reading.pieces_a_day) END AS text_pieces_a_day,
        max(reading.piece_mg) AS text_piece_mg,
        max(reading.other_piece_mg) AS text_other_piece_mg,
        string_agg(told_words, ' | ' ORDER BY told_words) FILTER (WHERE reading.is_known IS NOT TRUE) AS unread_text,
        CASE
            WHEN count(*) > 1 THEN NULL
            WHEN any_value(weekdays) = 0 AND any_value(times_a_day) = 0.5 THEN 'QOD'
            WHEN any_value(weekdays) = 0 AND any_value(is_given_once) = FALSE
                THEN CASE any_value(times_a_day) WHEN 1 THEN 'QD' WHEN 2 THEN 'BID' WHEN 3 THEN 'TID' WHEN 4 THEN 'QID' END
        END AS frequency,
        min(repeat.boundsPeriod.start) AS bounds_start,
        CASE WHEN count(repeat.boundsPeriod.end) = count(*) THEN max(repeat.boundsPeriod.end) END AS bounds_end,
        CASE WHEN count(bounds_days) = count(*) THEN max(bounds_days) END AS bounds_days,
        CASE WHEN count(reading.length_days) = count(*) AND count(DISTINCT reading.length_days) = 1 THEN max(reading.length_days) END
            AS text_days,
        lower(any_value(coalesce(instruction.route.text, instruction.route.coding[1].display, instruction.route.coding[1].code)))
            AS route
    FROM dosed
    GROUP BY given
)

SELECT * FROM final
