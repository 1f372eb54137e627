"""`python -m blogkit refresh`: re-execute notebooks in place, for the committed outputs."""

from blogkit.runner.commands import arguments

HELP = "re-execute in place: the committed outputs"


def add_arguments(parser):
    """What `refresh` takes."""
    arguments.add_names(parser)


def run(project, options):
    """Refresh the notebooks; the exit code is the number of failures."""
    from blogkit.runner.backends import choose_backend
    from blogkit.runner.refresh import BACKEND, refresh
    from blogkit.runner.run import failures

    choose_backend(BACKEND)
    return failures(refresh(project.select(options.names), project.runs("refresh")))
