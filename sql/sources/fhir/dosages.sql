-- What dosage instructions say of dose, frequency and duration. Grain: dosage instructions as JSON.
-- A day's dose is milligrams_a_day plus pieces_a_day times the strength; is_known says that nothing is missing for it.
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
        coalesce(instruction.text, instruction.patientInstruction) AS words,
        instruction.timing.repeat AS repeat,
        coalesce(upper(instruction.timing.code.coding[1].code), upper(as_text(instruction.timing.code.text))) AS timing_code,
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
    FROM said
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
            WHEN timing_code IN ('QD', 'AM', 'PM', 'BED', 'HS') THEN 1.0
            WHEN timing_code = 'QOD' THEN 0.5
            WHEN timing_code = 'WK' THEN 1 / 7.0
            WHEN timing_code = 'BID' THEN 2.0
            WHEN timing_code = 'TID' THEN 3.0
            WHEN timing_code = 'QID' THEN 4.0
            WHEN regexp_full_match(timing_code, 'Q(1|2|3|4|6|8)H')
                THEN 24.0 / CAST(regexp_extract(timing_code, '\d') AS DOUBLE)
            WHEN timing_code IS NOT NULL THEN times_a_day_in(timing_code)
            ELSE times_a_day_in(words)
        END AS times_a_day,
        instruction.doseAndRate IS NULL AND NOT is_given_once AS is_in_words,
        CASE WHEN is_one(doses) THEN mg_of(doses[1].value, doses[1].unit) END AS milligrams,
        CASE WHEN is_one(doses) THEN pieces_of(doses[1].value, doses[1].unit) END AS pieces
    FROM timed
),

-- Words count only where no quantity is given: a quantity in a strange unit is not overruled by them.
dosed AS (
    SELECT
        *,
        CASE
            WHEN is_as_needed THEN NULL
            WHEN is_one(rates) THEN rates[1]
            WHEN is_in_words THEN mg_in(words) * times_a_day
            ELSE milligrams * times_a_day
        END AS milligrams_a_day,
        CASE
            WHEN is_as_needed THEN NULL
            WHEN is_in_words THEN pieces_in(words) * times_a_day
            ELSE pieces * times_a_day
        END AS pieces_a_day,
        floor(days_of(
            repeat.boundsDuration.value, coalesce(repeat.boundsDuration.code, repeat.boundsDuration.unit)
        )) AS bounds_days
    FROM counted
),

final AS (
    SELECT
        given,
        sum(coalesce(milligrams_a_day, 0)) AS milligrams_a_day,
        sum(CASE WHEN milligrams_a_day IS NULL THEN coalesce(pieces_a_day, 0) ELSE 0 END) AS pieces_a_day,
        bool_and(milligrams_a_day IS NOT NULL OR pieces_a_day IS NOT NULL)
        AND count(DISTINCT coalesce(instruction.sequence, '')) = 1
        AND count(DISTINCT (repeat.boundsPeriod, bounds_days)) = 1 AS is_known,
        CASE
            WHEN count(*) > 1 THEN NULL
            WHEN any_value(weekdays) = 0 AND any_value(times_a_day) = 0.5 THEN 'QOD'
            WHEN any_value(weekdays) = 0 AND any_value(is_given_once) = FALSE
                THEN CASE any_value(times_a_day) WHEN 1 THEN 'QD' WHEN 2 THEN 'BID' WHEN 3 THEN 'TID' WHEN 4 THEN 'QID' END
        END AS frequency,
        min(repeat.boundsPeriod.start) AS bounds_start,
        CASE WHEN count(repeat.boundsPeriod.end) = count(*) THEN max(repeat.boundsPeriod.end) END AS bounds_end,
        CASE WHEN count(bounds_days) = count(*) THEN max(bounds_days) END AS bounds_days,
        lower(any_value(coalesce(instruction.route.text, instruction.route.coding[1].display, instruction.route.coding[1].code)))
            AS route
    FROM dosed
    GROUP BY given
)

SELECT * FROM final
