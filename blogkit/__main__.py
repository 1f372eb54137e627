"""`python -m blogkit`: run, refresh, check and report the notebooks."""

import os
import sys

from blogkit.runner.cli import main

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal without a character's glyph shows ?
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `| head`, has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at the end
        code = 1
    sys.exit(code)
