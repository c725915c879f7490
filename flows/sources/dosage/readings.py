"""The table `source.dosage_readings`: what each distinct dosage text of a source was read as."""

from flows.warehouse import Warehouse

TEXTS = "dosage_texts"
# Grain: a text as received. mg_a_day is stated in milligrams, pieces_a_day in tablets; piece_mg is the strength that the
# text itself states; times_a_day, dose_mg and dose_pieces are what an otherwise empty text says of how often and how much.
COLUMNS = (
    "text VARCHAR, mg_a_day DOUBLE, pieces_a_day DOUBLE, piece_mg DOUBLE, frequency VARCHAR, length_days INTEGER, "
    "is_as_needed BOOLEAN, is_known BOOLEAN, times_a_day DOUBLE, dose_mg DOUBLE, dose_pieces DOUBLE"
)


def create_readings(warehouse: Warehouse) -> None:
    """Create the table from the texts of `source.dosage_texts`."""
    warehouse.run(f"CREATE TABLE source.dosage_readings ({COLUMNS})")
    warehouse.run(
        f"INSERT INTO source.dosage_readings BY NAME SELECT DISTINCT text, FALSE AS is_as_needed, FALSE AS is_known "
        f"FROM source.{TEXTS} WHERE text IS NOT NULL"
    )
