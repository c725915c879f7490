"""What the command line prints: the outcome of a run, a person's story, rules, code lists."""
