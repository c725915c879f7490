"""Derivations: each module makes one grain and holds its temporal joins."""
