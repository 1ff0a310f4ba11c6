"""Attacks, as tests: what strangers, neighbours and operators try, and what then stands."""
