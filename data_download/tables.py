"""Text output of `list` and `info`."""

import textwrap
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table

from blogkit.datasets.catalogue import DataSet, how_to_get

WIDTH = 100


def size_text(count: int) -> str:
    """A size in the largest unit below it.

    >>> size_text(1443490838), size_text(2_200_000), size_text(900)
    ('1.4 GB', '2.2 MB', '900 B')
    """
    power = next((power for power in range(3) if count < 1000 ** (power + 1)), 3)
    return f"{count / 1000**power:.{0 if power < 2 else 1}f} {('B', 'kB', 'MB', 'GB')[power]}"


def total_size(entry: DataSet) -> str:
    """The sum of the known file sizes, as text."""
    known = [file.size for file in entry.files if file.size]
    if not known:
        return "?"
    return f"{'' if len(known) == len(entry.files) else '> '}{size_text(sum(known))}"


def here(entry: DataSet) -> str:
    """Which part of the set is in the data folder; `verify` also checks the checksums."""
    found = sum(entry.path(file).is_file() for file in entry.files)
    whole = "yes" if found == len(entry.files) else f"{found} of {len(entry.files)}" if found else "no"
    return whole + ", imported" * (entry.folder / "imported").is_dir()


def list_table(sets: Iterable[DataSet]) -> str:
    """The table of all sets."""
    table = Table(box=box.SIMPLE_HEAD, width=WIDTH, pad_edge=False)
    for name in ("name", "what it is", "notebook", "how", "size", "here"):
        table.add_column(
            name, justify="right" if name == "size" else "left", no_wrap=name != "what it is", overflow="fold"
        )
    for entry in sets:
        row = (
            entry.name,
            entry.title,
            ", ".join(entry.notebooks),
            entry.access,
            total_size(entry),
            here(entry),
        )
        table.add_row(*row)
    console = Console(width=WIDTH, color_system=None, force_terminal=False)
    with console.capture() as shown:
        console.print(table)
    return "\n".join(line.rstrip() for line in shown.get().strip("\n").splitlines())


def info_text(entry: DataSet) -> str:
    """Everything that the catalogue knows about a set."""
    lines = [f"{entry.name}: {entry.title}"]
    facts = {
        "for": f"{entry.purpose} (notebook {', '.join(entry.notebooks)})",
        "profile": ", ".join(entry.profiles),
        "rows": entry.rows,
        "format": entry.format,
        "licence": entry.licence,
        "home": entry.home,
        "reader": f'blogkit.datasets.{entry.reader}("official")' if entry.reader else "",
        "after that": f"conversion {entry.conversion}, {size_text(entry.converted_size)}"
        if entry.conversion
        else "",
        "consent": entry.consent,
        "by hand": entry.steps,
        "here": here(entry),
    }
    for name, value in facts.items():
        if value:
            lines += _wrapped(f"  {name + ':':12}", value)
    for file in entry.files:
        lines.append(f"  file:       {file.name}{f', {file.size:,} bytes' if file.size else ''}")
        lines += [f"    {kind}: {value}" for kind, value in file.checksums.items()]
        confirmed = f"confirmed by {file.confirmed}" if file.confirmed else "no checksum is published"
        rows = f"; checked by its {file.lines:,} rows" if file.lines else ""
        first = "; read whole, and compared with its first fetch" if file.urls and not file.confirmed else ""
        lines.append(f"    {confirmed}{rows}{first}")
        lines += [f"    {url}" for url in file.urls]
        if file.package:
            members = ", ".join(member.rpartition("/")[2] for member in file.members)
            lines.append(f"    in the package {file.package}: {members}")
    return "\n".join([*lines, *_wrapped("  ", how_to_get(entry.name))])


def _wrapped(head, text):
    # Users copy paths and commands from here, so these are never broken.
    options = {"break_long_words": False, "break_on_hyphens": False}
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), **options)
