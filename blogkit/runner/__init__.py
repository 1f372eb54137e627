"""`python -m blogkit`: runs, refreshes, checks and reports the notebooks."""

from blogkit.runner.cli import main

__all__ = ["main"]
