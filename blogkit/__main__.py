"""`python -m blogkit`: run, refresh, check and report the notebooks."""

import sys

from blogkit.runner.cli import main

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a poor terminal shows ? for a sign it lacks
    sys.exit(main())
