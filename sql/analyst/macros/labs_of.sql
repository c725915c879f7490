-- The laboratory results of one patient, the oldest first: their multiples, flags, and days since the restart.
-- (patient): The patient's id, as text.
select * from analyst.labs
where labs.patient_id = cast(patient as varchar)
order by labs.date, labs.analyte, labs.source_id
