"""`python -m blogkit bundle`: all that a machine without internet needs."""

import os
import sys
from pathlib import Path

from blogkit.runner.commands import arguments
from blogkit.runner.project import UsageError

HELP = "pack all that a machine without internet needs, and print the command that runs it there"


def add_arguments(parser):
    """What `bundle` takes."""
    arguments.add_names(parser)
    arguments.add_backend(parser, installed=False)
    parser.add_argument(
        "--backend-wheels",
        default="none",
        metavar="WHICH",
        help="none (default): the machine has the backend, such as a jax for its GPU; "
        "cpu: pack it, too; cuda12 or cuda13: pack it with NVIDIA's libraries, gigabytes",
    )
    parser.add_argument("--python", metavar="3.X", help="the machine's Python; default this one")
    parser.add_argument("--platform", help="linux-x86_64 or linux-aarch64; default this one")
    arguments.add_profile(parser)
    parser.add_argument(
        "--data",
        nargs="+",
        action="extend",
        default=[],
        metavar="SET",
        help="data sets that are in the data folder here",
    )
    parser.add_argument("--accept-terms", action="store_true", help="pack data whose terms limit copies")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("bundle.tar"), metavar="FILE", help="default bundle.tar"
    )
    parser.add_argument("--force", action="store_true", help="replace an existing file")


def run(project, options):
    """Pack the bundle and print what to do with it."""
    from blogkit.runner.bundle.pack import Order, pack
    from blogkit.runner.bundle.steps import Steps
    from blogkit.runner.bundle.target import Target, running_platform, running_python

    order = Order(
        target=Target(options.python or running_python(), options.platform or running_platform()),
        backend=options.backend or os.environ.get("KERAS_BACKEND") or "tensorflow",
        wheels=options.backend_wheels,
        profile=options.profile,
        notebooks=tuple(options.names),
        data=tuple(options.data),
        accept_terms=options.accept_terms,
        output=options.output,
        force=options.force,
    )
    try:
        print(pack(project, order, Steps()))
    except OSError as error:
        raise UsageError(f"the bundle cannot be written: {error}") from error
    except KeyboardInterrupt:
        print("blogkit: interrupted. Nothing is written.", file=sys.stderr)
        return 130
    return 0
