"""Measuring in turns: A, B, A, B, so that what else the machine does falls on all alike."""

import os
import statistics


def interleave(ways, rounds, note, warm_up=True):
    """Runs every way once a round and gives the list of results of each, by name.

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
