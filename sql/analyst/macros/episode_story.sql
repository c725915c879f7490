-- One restart as a story in the order of its days: the person's doses, results, events and stays up to the course after it, with its landmarks, windows and findings.
-- (id): The episode's id.
-- day: Days since the restart; before it below zero.
-- date: The day; of a finding the day that its verdict hangs on.
-- until: Last day of what lasts: a dose, a stay, a window; null of all else, and while it goes on.
-- kind: landmark, dose, lab, event, stay, slot or finding.
-- what: Which: onset, peak, stop, restart, recurrence or death; the drug, analyte or concept; of a slot and a finding the rule.
-- comparator: Of a result, <, <=, > or >=: value is then a bound of the true value.
-- value: The daily dose, or the result.
-- unit: Unit of value.
-- x_uln: Of a result, the value over its ULN.
-- x_reference: Of a result, the value over its effective reference E.
-- said: Of a slot its status; of a finding verdict and sentence.
-- source_id: The extract's own row id of a dose, result, event or stay.
with told as (
    select * from main.episodes
    where episodes.episode_id = cast(id as varchar)
),

-- The rows of the person up to the course that follows.
bounds as (
    select
        told.patient_id,
        coalesce(min(courses.start_date), date 'infinity') as next_start
    from told
    left join main.courses on told.patient_id = courses.patient_id and told.restart_date < courses.start_date
    group by told.patient_id
),

landmarks as (
    select onset_date as date, 'onset' as what, 1 as place from told
    union all
    select peak_date as date, 'peak' as what, 2 as place from told
    union all
    select stop_date as date, 'stop' as what, 3 as place from told
    union all
    select restart_date as date, 'restart' as what, 4 as place from told
    union all
    select recurrence_date as date, 'recurrence' as what, 5 as place from told
    union all
    select patients.death_date as date, 'death' as what, 6 as place
    from main.patients
    inner join bounds on patients.patient_id = bounds.patient_id and patients.death_date < bounds.next_start
    where patients.death_note is null
),

story as (
    select
        'landmark' as kind,
        date,
        what,
        place
    from landmarks
    where date is not null
    union all by name
    select
        'dose' as kind,
        exposures.start_date as date,
        coalesce(exposures.end_date, exposures.start_date + cast(exposures.days_supply as integer) - 1) as until,
        exposures.concept as what,
        exposures.daily_dose_mg as value,
        'mg/d' as unit,
        exposures.exposure_id as source_id,
        10 as place
    from main.exposures
    inner join bounds on exposures.patient_id = bounds.patient_id and exposures.start_date < bounds.next_start
    union all by name
    select
        'lab' as kind,
        labs.date,
        labs.analyte as what,
        labs.comparator,
        labs.value,
        labs.unit,
        labs.x_uln,
        labs.x_reference,
        labs.source_id,
        11 as place
    from main.labs
    inner join bounds on labs.patient_id = bounds.patient_id and labs.date < bounds.next_start
    union all by name
    select
        'event' as kind,
        events.date,
        events.concept as what,
        events.event_id as source_id,
        12 as place
    from main.events
    inner join bounds on events.patient_id = bounds.patient_id and events.date < bounds.next_start
    union all by name
    select
        'stay' as kind,
        stays.admitted_on as date,
        stays.discharged_on as until,
        'inpatient stay' as what,
        stays.stay_id as source_id,
        13 as place
    from main.stays
    inner join bounds on stays.patient_id = bounds.patient_id and stays.admitted_on < bounds.next_start
    union all by name
    select
        'slot' as kind,
        slots.window_start as date,
        slots.window_end as until,
        slots.rule_id as what,
        slots.status as said,
        14 as place
    from main.slots
    inner join told on slots.episode_id = told.episode_id
    union all by name
    select
        'finding' as kind,
        findings.event_date as date,
        findings.rule_id as what,
        findings.verdict || ': ' || findings.message as said,
        15 as place
    from main.findings
    inner join told on findings.episode_id = told.episode_id
),

final as (
    select
        story.date - told.restart_date as day,
        story.date,
        story.until,
        story.kind,
        story.what,
        story.comparator,
        story.value,
        story.unit,
        story.x_uln,
        story.x_reference,
        story.said,
        story.source_id,
        story.place
    from story
    cross join told
)

select * exclude (place) from final
order by date nulls last, place, what, until nulls last, source_id
