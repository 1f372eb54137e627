"""`python -m data_download`."""

import sys

if __name__ == "__main__":
    try:
        from data_download.cli import main
    except ModuleNotFoundError as error:
        sys.exit(f"{error}. From the clone's folder: python -m pip install -c constraints.txt -e '.[data]'")
    sys.exit(main())
