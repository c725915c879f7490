-- As in a native extract. Grain: a row of inpatient_stays.
SELECT * EXCLUDE (row_number), 'inpatient_stays' AS source_table FROM source.inpatient_stays
