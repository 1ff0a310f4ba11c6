"""How Hypothesis works through these tests: for as long as the machine takes."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
