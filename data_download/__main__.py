"""`python -m data_download`."""

import sys

if __name__ == "__main__":
    try:
        from data_download.cli import main
    except ModuleNotFoundError as error:
        sys.exit(f"{error}. From the clone's folder: python -m pip install -c constraints.txt -e '.[data]'")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a poor terminal shows ? for a sign it lacks
    sys.exit(main())
