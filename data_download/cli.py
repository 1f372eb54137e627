"""The command line: list, info, get, verify, path, import."""

import argparse
import sys

from blogkit.datasets.catalogue import catalogue, data_set, how_to_get
from blogkit.datasets.reading import one_line
from data_download.fetch import DownloadError, Transfer
from data_download.first_fetch import RECORD
from data_download.get import LOCK, get
from data_download.importing import import_files, imported_faults
from data_download.profiles import profile_sets
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
    except BrokenPipeError:  # for the caller
        raise
    except OSError as error:  # a folder that may not be read
        print(one_line(str(error)), file=sys.stderr)
        return 1
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
    getting.add_argument("name", metavar="NAME", nargs="*")
    getting.add_argument("--profile", help="all sets that the notebooks read with this profile")
    getting.add_argument(
        "--accept-terms", action="store_true", help="you have read a set's terms and accept them"
    )
    command("verify", _verify, "check the sets in the data folder").add_argument(
        "name", metavar="NAME", nargs="?"
    )
    command("path", _path, "print the folder of a set").add_argument("name", metavar="NAME")
    importing = command("import", _import, "check your own files and copy them into the data folder")
    importing.add_argument("name", metavar="NAME")
    importing.add_argument("path", metavar="PATH", nargs="+")
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
    if options.profile is not None:
        entries += [entry for entry in profile_sets(options.profile) if entry not in entries]
    elif not entries:
        raise ValueError("`get` needs the NAME of a set or --profile. See: python -m data_download list")
    failed = []
    for entry in entries:
        try:
            get(entry, _transfer(), options.accept_terms)
        except DownloadError as error:
            failed.append(entry.name)
            print(error, file=sys.stderr)
    if options.profile is not None:
        here = ", ".join(entry.name for entry in entries if entry.name not in failed)
        print(f"profile {options.profile}: here: {here or 'none'}; missing: {', '.join(failed) or 'none'}")
    return int(bool(failed))


def _verify(options):
    named = options.name is not None
    entries = [data_set(options.name)] if named else [e for e in catalogue().values() if _holds_files(e)]
    if not entries:
        print("No set is here. See: python -m data_download list")
    return max([_verified(entry, named) for entry in entries], default=0)


def _verified(entry, named):
    """A set that cannot be verified does not keep the others from it."""
    try:
        return _verify_one(entry, named)
    except (ValueError, OSError) as error:
        print(f"{entry.name}: {one_line(str(error))}")
        return 1


def _holds_files(entry):
    """True also for a partial set; a download that failed before its first byte leaves only the lock."""
    return entry.folder.is_dir() and any(path.name not in (LOCK, RECORD) for path in entry.folder.iterdir())


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
        print(f"{entry.name}: reads as {describe(entry, 'official')}")  # unless a conversion is missing
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
