"""`python -m blogkit run`: execute notebooks and print all claims."""

import contextlib

from blogkit.extras import import_extra
from blogkit.runner.commands import arguments
from blogkit.runner.project import UsageError

HELP = "execute notebooks and print all claims"


def add_arguments(parser):
    """What `run` takes."""
    arguments.add_names(parser)
    arguments.add_profile(parser)
    arguments.add_parameters(parser)
    arguments.add_backend(parser)
    parser.add_argument(
        "--seeds", type=int, metavar="N", help="run the seeds 0 to N - 1; claims over all of them"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="notebooks at a time")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="run on a Dask cluster")
    parser.add_argument("--force", action="store_true", help="run also what has not changed")
    parser.add_argument(
        "--cell-timeout", type=int, metavar="SECONDS", help="stop a notebook at a cell that takes longer"
    )
    parser.add_argument("--list", action="store_true", help="show notebooks, parameters and profiles")


def run(project, options):
    """Execute the notebooks; the exit code is the number of failures."""
    from blogkit.runner.backends import choose_backend
    from blogkit.runner.run import failures, plan, run, summary
    from blogkit.runner.seeds import plan_seeds, run_seeds

    notebooks = project.select(options.names)
    if options.list:
        if options.seeds is not None:
            raise UsageError("--list runs nothing: leave out --seeds, or --list.")
        _list(project, notebooks)
        return 0
    request = (project, notebooks, options.profile, options.parameters, choose_backend(options.backend))
    repeats = [] if options.seeds is None else plan_seeds(*request, options.seeds)
    jobs = [one.whole for one in repeats] or plan(*request)
    with _executor(options.scheduler) as executor:
        how = dict(workers=options.jobs, executor=executor, force=options.force)
        how["cell_timeout"] = options.cell_timeout
        outcomes = run_seeds(repeats, **how) if repeats else run(jobs, **how)
    print(summary(jobs, outcomes))
    return failures(outcomes)


@contextlib.contextmanager
def _executor(scheduler):
    if scheduler is None:
        yield None
        return
    try:
        distributed = import_extra("distributed", needed_by="--scheduler")
    except ModuleNotFoundError as error:
        raise UsageError(str(error)) from error
    try:
        client = distributed.Client(scheduler, timeout="20s")
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {scheduler!r}: {error}") from error
    with client:
        yield client.get_executor()


def _list(project, notebooks):
    from blogkit.runner.parameters import parameters_of

    print(f"Profiles: {', '.join(project.profiles())}")
    for path in notebooks:
        print(f"\n{path.stem}")
        for parameter in parameters_of(path).values():
            value = f"{parameter.name}: {parameter.type} = {parameter.default}"
            print(f"  {value:<36}  {parameter.help}")
