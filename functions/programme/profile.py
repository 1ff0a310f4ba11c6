"""Profile and declaration: the choices that the forms offer, and their bounds."""

from __future__ import annotations

EDUCATION = ("none", "sd", "smp", "sma", "smk", "d1", "d2", "d3", "s1", "s2", "s3")
MARITAL = ("single", "married", "divorced", "widowed")
EMPLOYMENT = ("unemployed", "laid_off", "employed", "self_employed", "daily", "homemaker")
TOPICS = (
    "digital",
    "language",
    "sales",
    "agriculture",
    "food",
    "crafts",
    "mechanics",
    "care",
    "office",
    "hospitality",
)
LANGUAGES = ("id", "en")

NAME_LENGTH = (2, 100)
VILLAGE_LENGTH = (2, 60)
STREET_LENGTH = (3, 200)
MOST_DEPENDANTS = 20
