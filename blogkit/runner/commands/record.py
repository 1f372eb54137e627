"""`python -m blogkit record`: run, and keep claims and figures in notebooks/records."""

from blogkit.runner.commands import arguments

HELP = "run, and keep claims and figures in notebooks/records"


def add_arguments(parser):
    """What `record` takes."""
    arguments.add_names(parser)
    arguments.add_profile(parser, default="evening")
    arguments.add_parameters(parser)
    arguments.add_backend(parser)
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="of a run with several seeds")
    parser.add_argument(
        "--label",
        default="",
        metavar="WORD",
        help="for one of several records of a profile, such as of a task",
    )
    parser.add_argument(
        "--from-runs", action="store_true", help="record what is in runs/PROFILE, and run nothing"
    )


def run(project, options):
    """Record the notebooks; the exit code is the number of failures."""
    from blogkit.runner.backends import choose_backend
    from blogkit.runner.record import record

    notebooks = project.select(options.names)
    backend = choose_backend(options.backend)
    return record(
        project,
        notebooks,
        options.profile,
        backend,
        options.seeds,
        options.from_runs,
        options.parameters,
        options.label,
    )
