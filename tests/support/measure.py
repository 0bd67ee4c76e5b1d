#!/usr/bin/env python3
"""Runs a command and writes its wait status and peak memory in KiB to a file:
measure.py REPORT ARGV0 PROGRAM ARGUMENTS."""

# A process of its own: a child's peak memory starts at its parent's, so the
# parent has to be small.

import os
import sys


def main():
    report, argv0, program, *arguments = sys.argv[1:]
    child = os.fork()
    if child == 0:
        try:
            os.execv(program, [argv0, *arguments])
        except OSError as error:
            os.write(2, f"{program}: {error}\n".encode())
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    with open(report, "w") as output:
        output.write(f"{status} {usage.ru_maxrss}\n")


if __name__ == "__main__":
    main()
