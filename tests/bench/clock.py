"""Commands, and how long they take."""

import os
import subprocess
import sys
import time
from statistics import median


def run(command, cwd=None, env=None, stdin=None):
    """Runs a command to its end and returns what it printed; ends the bench where it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"error: `{' '.join(map(str, command))}` ended with {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


class Times(list):
    """The seconds that one work took, round by round."""

    def median(self):
        return median(self)

    def __truediv__(self, other):
        """The median of the rounds' ratios: a machine that grows slower does so for both."""
        return median(ours / theirs for ours, theirs in zip(self, other))


def in_turn(rounds, *works):
    """Times each work once a round, so that what else the machine does falls on all of them.

    A work is a function that prepares and returns the function to be timed. The first round
    warms up and is not counted.
    """
    times = [Times() for _ in works]
    for number in range(rounds + 1):
        for taken, work in zip(times, works):
            timed = work()
            duration = seconds(timed)
            if number > 0:
                taken.append(duration)
    return times
