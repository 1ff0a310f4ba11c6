"""The real local stack under a long, mixed load with faults: `python -m tests.chaos soak`."""
