"""Measuring in turns: A, B, A, B, so that what else the machine does falls on all alike."""

import os
import statistics


def interleave(ways, rounds, note, warm_up=True):
    """Runs every way once a round and gives the list of results of each, by name: one a round, in their order.

    `ways` maps a name to a function. A first round is not counted: it loads programs and fills caches. Every round
    begins with another way.
    """
    names = list(ways)
    results = {name: [] for name in names}
    for number in range(-1 if warm_up else 0, rounds):
        turn = max(number, 0) % len(names)
        for name in names[turn:] + names[:turn]:
            # What the way before left unwritten must not be written on this one's time.
            os.sync()
            result = ways[name]()
            note(f"{name}: " + ("not counted" if number < 0 else f"round {number + 1} of {rounds}"))
            if number >= 0:
                results[name].append(result)
    return results


def median(results, member):
    """The median of one member of several results."""
    return statistics.median(getattr(result, member) for result in results)


def paired(ours, theirs, member, other=None):
    """The ratio of two ways, and how far it went: the median, least and most of the ratios within each round.

    What else a machine does changes from one round to the next, and falls on both ways of a round alike; a ratio of two
    medians would compare one round's way with another round's.
    """
    ratios = [getattr(one, member) / getattr(two, other or member) for one, two in zip(ours, theirs)]
    return statistics.median(ratios), min(ratios), max(ratios)
