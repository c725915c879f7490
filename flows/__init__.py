"""Order of work and all input and output; nothing clinical decides here."""
