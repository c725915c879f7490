"""One grain a restart: the injury before it, and what is known on its day."""
