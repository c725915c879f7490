-- One row a patient and day on which a record of the audited drug covers a dose: the view doses, under this schema too.
select * from main.doses
order by doses.patient_id, doses.date
