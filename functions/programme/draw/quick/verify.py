"""The steps over the two long lists by columns; see `verify.PlainLists`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from functions.programme.draw import results, roster
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.published import RESULTS, ROSTER, Published, file_of
from functions.programme.draw.quick.allocation import allocate
from functions.programme.draw.quick.listing import Listing, record_blocks, root_of_listing
from functions.programme.draw.quick.order import ranking
from functions.programme.draw.quick.results import make_results
from functions.programme.draw.quick.roster import Roster, parse_roster


class QuickLists:
    """The lists read in blocks and kept as columns: what millions of entries need."""

    def __init__(self, listings: Mapping[str, Listing]) -> None:
        self._listings = listings
        self._roster: Roster | None = None

    def check_roster(self, wave: Published) -> None:
        listing = file_of(self._listings, ROSTER)
        check_published(listing, wave)
        self._roster = parse_roster(listing, wave.pins.family_limit, len(wave.params.pools))

    def check_results(self, wave: Published, root: bytes) -> None:
        listing = file_of(self._listings, RESULTS)
        if len(listing) != wave.head.n * results.RECORD_SIZE:
            raise VerificationError("results_size", bytes=len(listing))
        if root_of_listing(listing, results.RECORD_SIZE) != root:
            raise VerificationError("results_root")

    def check_draw(self, wave: Published) -> None:
        """The roster's columns go as soon as the draw is made: what is left is to compare."""
        if self._roster is None:
            raise ValueError("the roster was not checked")
        columns, self._roster = self._roster, None
        order = ranking(wave.seed, columns.eligible)
        taken = allocate(columns, order, wave.params)
        expected = make_results(columns, order, taken, len(wave.params.pools)).data
        for start, block in record_blocks(self._listings[RESULTS], results.RECORD_SIZE):
            at = start * results.RECORD_SIZE
            said = np.frombuffer(block, np.uint8)
            differs = said != np.frombuffer(expected[at : at + len(block)], np.uint8)
            if differs.any():
                index = start + int(differs.argmax()) // results.RECORD_SIZE
                raise VerificationError("results_differ", index=index)


def check_published(listing: Listing, wave: Published) -> None:
    """Whether this roster is the one whose root was published.

    Errors: `roster_entries`, `roster_root`.
    """
    if len(listing) != wave.head.n * roster.RECORD_SIZE:
        raise VerificationError("roster_entries", expected=wave.head.n)
    if root_of_listing(listing, roster.RECORD_SIZE) != wave.head.root:
        raise VerificationError("roster_root")
