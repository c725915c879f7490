"""The guideline, executable: patients in small text tables, and what the audit must say of them."""
