"""`python -m local.cards.fetch [FOLDER]`: pictures and fonts for the worlds TRAINING and UNSEEN.

FOLDER may hold Debian packages that are already there; the others are downloaded.
"""

import sys
from pathlib import Path

from local.cards import backgrounds, fonts, people
from local.cards.packages import NotAvailable


def main() -> int:
    """0 when everything is there, 1 with one line on what is not."""
    at_hand = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        told = [f"fonts: {fonts.gather(at_hand)}", f"faces: {people.gather(at_hand)}"]
        told += [f"{world}: {backgrounds.gather(world, at_hand)}" for world in backgrounds.SOURCES]
    except NotAvailable as lack:
        sys.stderr.write(f"{lack}\n")
        return 1
    sys.stdout.write("\n".join(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
