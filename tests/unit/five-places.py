#!/usr/bin/env python3
"""Checks that each subcommand has its file, page, e2e test and completion."""
import pathlib
import re
import subprocess
import sys


def help_of(ncli, *words):
    """What --help prints."""
    result = subprocess.run([ncli, *words, "--help"], check=True,
                            capture_output=True, text=True)
    return result.stdout


def options_in(text):
    """All long options that a text names."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - {"--help"}


def problems_of(root, ncli, name):
    """Yields what one subcommand lacks."""
    page = root / f"man/ncli-{name}.1.md"
    completion = (root / "packaging/completions/ncli.bash").read_text()
    if not (root / f"cli/{name}.cc").exists():
        yield f"{name}: no cli/{name}.cc"
    if not list((root / "tests/e2e").glob(f"{name}-*.py")):
        yield f"{name}: no tests/e2e/{name}-*.py"
    if not re.search(rf"(?<![\w-]){name}(?![\w-])", completion):
        yield f"{name}: not in the bash completion"
    if not page.exists():
        yield f"{name}: no {page.name}"
        return
    documented = options_in(page.read_text().replace("\\-", "-"))
    usage = re.sub(r"(?m)^Usage.*$", "", help_of(ncli, name))
    offered = {match for match in re.findall(r"(?m)^\s+(--[a-z-]+)", usage)}
    for option in sorted(offered - {"--help"}):
        if option not in documented:
            yield f"{name}: {option} is not in {page.name}"
        if option not in completion:
            yield f"{name}: {option} is not in the bash completion"


def main():
    """Prints the problems; their number decides the exit status."""
    root, ncli = pathlib.Path(sys.argv[1]), sys.argv[2]
    table = (root / "cli/commands.cc").read_text()
    names = re.findall(r'\{"([a-z-]+)", "', table)
    problems = [line for name in names
                for line in problems_of(root, ncli, name)]
    overview = help_of(ncli)
    problems += [f"{name}: not in --help" for name in names
                 if name not in overview]
    print("\n".join(problems) or f"{len(names)} subcommands, each everywhere")
    return 1 if problems or len(names) < 4 else 0


if __name__ == "__main__":
    sys.exit(main())
