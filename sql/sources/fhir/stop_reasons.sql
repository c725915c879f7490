-- The codes of a reason for stopping that mean the liver. Grain: vocabulary, code; a code that ends in * stands for all
-- codes below it.
SELECT * FROM (VALUES
    ('SNOMED CT', '197354009', 'hepatotoxicity'),
    ('SNOMED CT', '427399008', 'hepatotoxicity'),
    ('SNOMED CT', '166603001', 'abnormal_lft'),
    ('SNOMED CT', '863927004', 'abnormal_lft'),
    ('ICD-10-CM', 'K71*', 'hepatotoxicity'),
    ('ICD-10-CM', 'R740*', 'abnormal_lft'),
    ('ICD-10-CM', 'R945', 'abnormal_lft'),
    ('ICD-9-CM', '7904', 'abnormal_lft'),
    ('ICD-9-CM', '7948', 'abnormal_lft')
) AS reasons (vocabulary, code, stop_reason)
