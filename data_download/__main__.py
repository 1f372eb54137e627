"""`python -m data_download`."""

import sys

from data_download.cli import main

if __name__ == "__main__":
    sys.exit(main())
