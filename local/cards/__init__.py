"""Invented KTP cards and selfies, drawn: for tests and for trying the upload page by hand.

No real person's card or face is behind any of them. NIK end in 9xxx, every card says CONTOH
(specimen), faces are cartoons. The same seed gives the same bytes.
"""
