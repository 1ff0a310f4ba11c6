"""How Hypothesis works through these tests: for as long as the machine takes, and with the same
examples each time, so that a failure is the doing of a change. HYPOTHESIS_PROFILE=explore looks
for new ones."""

import os

from hypothesis import settings

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
