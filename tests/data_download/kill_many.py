"""Forks a child process for each URL on stdin; the child downloads it and may be killed meanwhile.

    python kill_many.py FOLDER SHA256 SIZE  <  lines "NAME URL"

Imported once, a child costs a few milliseconds. Prints a line for each: how the child ended.
"""

import os
import sys
from pathlib import Path

from blogkit.datasets.catalogue import File
from data_download.fetch import Transfer, fetch


def main():
    folder, sha256, size = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    for line in sys.stdin:
        name, url = line.split()
        if not (child := os.fork()):
            file = File(name, (f"{url}?pid={os.getpid()}",), size=size or None, sha256=sha256)
            fetch(file, folder / name, Transfer(sleep=lambda _: None, say=lambda _: None, chunk_size=1000))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
