"""The draw, plainly: the protocol of docs/draw-protocol.md as code.

A section sign in a comment (§5) names a section of that document. Modules, in the order in
which a wave meets them:

    pins, params        what is fixed before the wave opens                        §0, §1
    commitment          an entry's commitment and its receipt                      §2
    roster, tree        the frozen list of entries and its root                    §3, §4
    keys, notes, heads  signed notes: what was published, by whom, seen by whom    §5, §10
    rounds, beacon, bls which round counts, and whether its randomness is genuine  §6
    order               seed and one number per entry                              §7, §8
    allocation          passes over pools, open places and reserve                 §9
    results             what became of each entry                                  §10
    proof               one applicant's proof                                      §11
    verify              every step over the public files of one wave
    synthesize          an invented wave, for trying and measuring
    canonical, literals how JSON, times, hex, base64 and decimals must look

Nothing here reads a clock, a file, the environment or a source of randomness.
"""
