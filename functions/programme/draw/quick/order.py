"""The order of the draw, by sorting words that hold a number's beginning and an index (§8, §9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from functions.programme.draw.order import NUMBER_SIZE, entry_number
from functions.programme.draw.quick.listing import BLOCK_RECORDS
from functions.programme.draw.quick.roster import Flags, Indexes

Words = npt.NDArray[np.uint64]


def ranking(seed: bytes, eligible: Flags) -> Indexes:
    """Indexes of the eligible records, the smallest number first: the first has rank 1."""
    return sort_by_number(
        upper_halves(seed, len(eligible)), eligible, lambda index: entry_number(seed, index)
    )


def upper_halves(seed: bytes, n: int) -> Iterator[Words]:
    """The first 64 bits of the numbers of `n` records, in blocks of BLOCK_RECORDS."""
    cipher = Cipher(algorithms.AES256(seed), modes.CTR(bytes(NUMBER_SIZE))).encryptor()
    zeros, stream = bytes(NUMBER_SIZE * BLOCK_RECORDS), bytearray(NUMBER_SIZE * BLOCK_RECORDS)
    for start in range(0, n, BLOCK_RECORDS):
        size = NUMBER_SIZE * min(BLOCK_RECORDS, n - start)
        cipher.update_into(memoryview(zeros)[:size], stream)
        yield np.frombuffer(stream, ">u8", size // 8)[::2].astype(np.uint64)


def sort_by_number(
    uppers: Iterator[Words], eligible: Flags, number: Callable[[int], bytes]
) -> Indexes:
    """Indexes of the eligible records by their 16-byte numbers.

    `uppers` are the first halves of all numbers in blocks of BLOCK_RECORDS, `number` gives a
    whole one. One word holds as much of the number's beginning as its index leaves room for;
    sorting the words sorts the numbers, but for the few whose beginnings are the same.
    """
    n = len(eligible)
    index_bits = max(n - 1, 0).bit_length()
    index_mask = np.uint64((1 << index_bits) - 1)
    words: Words = np.empty(int(np.count_nonzero(eligible)), np.uint64)
    filled = 0
    for start, upper in zip(range(0, n, BLOCK_RECORDS), uppers, strict=True):
        upper &= ~index_mask
        upper |= np.arange(start, start + len(upper), dtype=np.uint64)
        block = upper[eligible[start : start + len(upper)]]
        words[filled : filled + len(block)] = block
        filled += len(block)
    words.sort()
    tied = _tied_with_the_next(words, index_bits)
    words &= index_mask
    order = words.astype(np.uint32)
    _settle(order, tied, number)
    return order


def _tied_with_the_next(words: Words, index_bits: int) -> npt.NDArray[np.intp]:
    """Places of sorted words that begin with the same bits of a number as the next one."""
    if len(words) < 2:
        return np.empty(0, np.intp)
    places = []
    for start in range(0, len(words) - 1, BLOCK_RECORDS):
        block = words[start : start + BLOCK_RECORDS + 1] >> np.uint64(index_bits)
        places.append(start + np.flatnonzero(block[1:] == block[:-1]))
    return np.concatenate(places)


def _settle(order: Indexes, tied: npt.NDArray[np.intp], number: Callable[[int], bytes]) -> None:
    """Put each run of tied places into the order of their whole numbers."""
    if not len(tied):
        return
    ends = np.flatnonzero(np.diff(tied, append=-2) != 1)
    begin = 0
    for end in ends:
        run = slice(int(tied[begin]), int(tied[end]) + 2)
        order[run] = sorted(order[run].tolist(), key=number)
        begin = int(end) + 1
