-- One row a patient and day on which a record of the audited drug covers a dose: the daily dose, as the audit counts it.
-- date: The day.
-- daily_dose_mg: Sum of the records that cover the day, in mg; a renewal written early adds nothing; null where one is unknown.
-- records: How many records cover the day.
-- course_start: First day of the course in which it lies.
-- episode_id: The audit episode whose restart begins the course; null where its break is none.
-- day: Days since that restart.
with drug as (
    select value as concept from about where name = 'audited_drug'
),

overlap as (
    select cast(value as bigint) as days from about where name = 'renewal_overlap_days'
),

-- A record whose length is not told ends before the next one of the same product and dose.
following as (
    select distinct
        patient_id,
        product,
        daily_dose_mg,
        start_date
    from exposures
    inner join drug on exposures.concept = drug.concept
),

followed as (
    select
        *,
        lead(start_date) over (partition by patient_id, product, daily_dose_mg order by start_date) as next_start
    from following
),

doubtful as (
    select distinct exposure_id from unknown_doses
),

records as (
    select
        exposures.patient_id,
        exposures.exposure_id,
        exposures.product,
        exposures.daily_dose_mg,
        exposures.length_basis,
        exposures.start_date as first_day,
        exposures.daily_dose_mg is null or doubtful.exposure_id is not null as is_unknown,
        courses.start_date as course_start,
        least(
            coalesce(exposures.end_date, exposures.start_date + cast(exposures.days_supply as integer) - 1),
            case when exposures.length_basis is not null then followed.next_start - 1 end,
            courses.last_dose_date
        ) as last_day
    from exposures
    inner join drug on exposures.concept = drug.concept
    inner join courses
        on
            exposures.patient_id = courses.patient_id
            and exposures.start_date between courses.start_date and courses.last_dose_date
    left join followed
        on
            exposures.patient_id = followed.patient_id
            and exposures.start_date = followed.start_date
            and exposures.product is not distinct from followed.product
            and exposures.daily_dose_mg is not distinct from followed.daily_dose_mg
    left join doubtful on exposures.exposure_id = doubtful.exposure_id
),

-- Between two days on which a record begins or has ended the dose stays what it is.
turns as (
    select patient_id, course_start, first_day as turn from records
    union
    select patient_id, course_start, last_day + 1 as turn from records
),

bands as (
    select
        patient_id,
        course_start,
        turn as first_day,
        lead(turn) over (partition by patient_id, course_start order by turn) - 1 as last_day
    from turns
),

covering as (
    select
        bands.patient_id,
        bands.course_start,
        bands.first_day as band_start,
        bands.last_day as band_end,
        records.* exclude (patient_id, course_start)
    from bands
    inner join records
        on
            bands.patient_id = records.patient_id
            and bands.first_day between records.first_day and records.last_day
),

renewals as (
    select distinct
        later.patient_id,
        later.band_start,
        later.exposure_id
    from covering as later
    inner join covering as earlier
        on
            later.patient_id = earlier.patient_id
            and later.band_start = earlier.band_start
            and later.product = earlier.product
            and later.daily_dose_mg = earlier.daily_dose_mg
            and (earlier.first_day, earlier.last_day, earlier.exposure_id)
            < (later.first_day, later.last_day, later.exposure_id)
    inner join overlap
        on
            later.length_basis is not null
            or earlier.length_basis is not null
            or least(later.last_day, earlier.last_day) - later.first_day + 1 <= overlap.days
),

told as (
    select
        covering.patient_id,
        covering.course_start,
        covering.band_start,
        covering.band_end,
        count(*) as records,
        bool_or(covering.is_unknown) as is_unknown,
        sum(covering.daily_dose_mg) filter (where renewals.exposure_id is null) as daily_dose_mg
    from covering
    left join renewals
        on
            covering.patient_id = renewals.patient_id
            and covering.band_start = renewals.band_start
            and covering.exposure_id = renewals.exposure_id
    group by covering.patient_id, covering.course_start, covering.band_start, covering.band_end
),

daily as (
    select
        patient_id,
        course_start,
        unnest(range(cast(band_end - band_start + 1 as bigint))) as since,
        band_start,
        records,
        case when not is_unknown then daily_dose_mg end as daily_dose_mg
    from told
),

final as (
    select
        daily.patient_id,
        patients.site_id,
        daily.band_start + cast(daily.since as integer) as date,
        daily.daily_dose_mg,
        daily.records,
        daily.course_start,
        episodes.episode_id,
        daily.band_start + cast(daily.since as integer) - episodes.restart_date as day
    from daily
    left join patients on daily.patient_id = patients.patient_id
    left join episodes
        on daily.patient_id = episodes.patient_id and daily.course_start = episodes.restart_date
)

select * from final
order by patient_id, date
