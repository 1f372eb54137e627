"""The command line: list, info, get, verify, path, import."""

import argparse
import sys
from pathlib import Path

from blogkit.datasets.catalogue import catalogue, data_set, how_to_get
from data_download.fetch import DownloadError, Transfer
from data_download.get import LOCK, get
from data_download.importing import import_files, imported_faults
from data_download.readers import describe
from data_download.state import MISSING, RIGHT, states
from data_download.tables import info_text, list_table


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return 0 for success, 1 for a missing or wrong set, 2 for a wrong command."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except DownloadError as error:
        print(error, file=sys.stderr)
        return 1
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted. Received bytes are kept; run the command again to continue.", file=sys.stderr)
        return 130


def _parser():
    parser = argparse.ArgumentParser(prog="python -m data_download", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(called, run, text):
        added = commands.add_parser(called, help=text, description=text)
        added.set_defaults(run=run)
        return added

    command("list", _list, "every set on one page")
    command("info", _info, "everything known about a set").add_argument("name", metavar="NAME")
    getting = command("get", _get, "fetch sets, check them and put them in place")
    getting.add_argument("name", metavar="NAME", nargs="+")
    getting.add_argument(
        "--accept-terms", action="store_true", help="you have read a set's terms and accept them"
    )
    command("verify", _verify, "check the sets in the data folder").add_argument(
        "name", metavar="NAME", nargs="?"
    )
    command("path", _path, "print the folder of a set").add_argument("name", metavar="NAME")
    importing = command("import", _import, "check your own files and copy them into the data folder")
    importing.add_argument("name", metavar="NAME")
    importing.add_argument("path", metavar="PATH", nargs="+", type=Path)
    return parser


def _transfer():
    return Transfer(progress=sys.stderr.isatty())


def _list(options):
    print(list_table(catalogue().values()))
    return 0


def _info(options):
    print(info_text(data_set(options.name)))
    return 0


def _get(options):
    entries = [data_set(name) for name in options.name]  # all checked before the first download
    failed = 0
    for entry in entries:
        try:
            get(entry, _transfer(), options.accept_terms)
        except DownloadError as error:
            failed = 1
            print(error, file=sys.stderr)
    return failed


def _verify(options):
    named = options.name is not None
    entries = [data_set(options.name)] if named else [e for e in catalogue().values() if _holds_files(e)]
    if not entries:
        print("No set is here. See: python -m data_download list")
    return max([_verify_one(entry, named) for entry in entries], default=0)


def _holds_files(entry):
    """True also for a partial set; a download that failed before its first byte leaves only the lock."""
    return entry.folder.is_dir() and any(path.name != LOCK for path in entry.folder.iterdir())


def _verify_one(entry, named):
    """1 if a file is wrong, or if the set was named and is neither complete nor imported."""
    found, imported = states(entry), imported_faults(entry)
    missing = [state for state in found if state.state == MISSING]
    needed = [state for state in missing if not state.file.optional]
    wrong = [state for state in found if state.state not in (MISSING, RIGHT)]
    if len(missing) < len(found) or not imported:
        for state in found:
            print(f"{entry.name}: {state.path}: {state.state}{f' ({state.detail})' if state.detail else ''}")
    if imported:
        what, faults = imported
        for fault in faults:
            print(f"{entry.name}: {fault}")
        print(f"{entry.name}: imported, {what}: {'wrong' if faults else 'right, as it was imported'}")
        wrong += faults
    if named and not imported and needed:
        print(how_to_get(entry.name), file=sys.stderr)
        return 1
    if not (needed or wrong) and entry.reader:
        try:
            print(f"{entry.name}: reads as {describe(entry, 'official')}")
        except (ValueError, FileNotFoundError) as error:  # a missing or incomplete conversion
            print(f"{entry.name}: {error}")
            return 1
    return int(bool(wrong))


def _path(options):
    entry = data_set(options.name)
    print(entry.folder)
    if any(entry.path(file).exists() for file in entry.files) or (entry.folder / "imported").is_dir():
        return 0
    print(how_to_get(entry.name), file=sys.stderr)
    return 1


def _import(options):
    import_files(data_set(options.name), options.path, _transfer())
    return 0
