"""`python -m data_download`."""

import os
import sys

from blogkit.extras import install_command

if __name__ == "__main__":
    try:
        from data_download.cli import main
    except ModuleNotFoundError as error:
        sys.exit(f"`python -m data_download` needs {error.name}. {install_command('data')}")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal without a character's glyph shows ?
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `| head`, has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at the end
        code = 1
    sys.exit(code)
