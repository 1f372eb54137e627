"""`python -m blogkit`: run, refresh, check and report the notebooks."""

import sys

from blogkit.runner.cli import main

if __name__ == "__main__":
    sys.exit(main())
