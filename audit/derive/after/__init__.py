"""What follows a restart: monitoring slots, symptoms, triggers, recurrence."""
