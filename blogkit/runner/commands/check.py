"""`python -m blogkit check`: lint notebooks and their records."""

from blogkit.runner.commands import arguments

HELP = "lint notebooks and their records"


def add_arguments(parser):
    """What `check` takes."""
    arguments.add_names(parser)


def run(project, options):
    """Print all faults; the exit code is the number of notebooks with faults, and 1 for stray records."""
    from blogkit.runner.check import check_notebook
    from blogkit.runner.check_records import old_records, records_without_notebook

    failed = 0
    for path in project.select(options.names):
        faults = check_notebook(path)
        failed += bool(faults)
        print(f"{path.stem}: {'ok' if not faults else f'{len(faults)} faults'}")
        for fault in faults:
            print(f"    {fault}")
        for note in old_records(path):
            print(f"    note: {note}")
    strays = records_without_notebook(project.records, project.all_notebooks())
    for fault in strays:
        print(f"records: {fault}")
    return failed + bool(strays)
