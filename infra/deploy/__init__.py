"""Putting a stage up, and taking it one step back (docs/deploy.md)."""
