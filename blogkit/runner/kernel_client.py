"""The kernel of a notebook and papermill's connection to it."""

import asyncio
import contextlib
import logging
import re
import tempfile

from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines

from blogkit.runner.notebook_client import NotebookClient

ENGINE = "blogkit"  # the name under which papermill finds `_Engine`
TRACEBACK_LINES = 12
LOG = logging.getLogger("blogkit.runner")
LOG.addHandler(logging.NullHandler())  # errors are reported in the outcome

_running: set[NotebookClient] = set()


def stop_kernels() -> None:
    """Kill the kernels that run in this process; their jobs fail at once."""
    for client in list(_running):
        if client.km and client.km.provisioner:
            asyncio.run(client.km.provisioner.kill())


class _Engine(NBClientEngine):
    """papermill's own engine, with an environment for the kernel and a call before each cell."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, *, env, on_cell, resources, **options):
        above = list(headings(nb_man.nb.cells))
        cell_start, place = nb_man.cell_start, "before the first cell"

        def announce(cell, cell_index, **kwargs):
            nonlocal place
            place = f"in cell {cell_index + 1} of {len(above)}"
            if on_cell and cell.cell_type == "code":
                on_cell(cell_index + 1, len(above), above[cell_index])
            return cell_start(cell, cell_index, **kwargs)

        nb_man.cell_start = announce
        limit = options.get("execution_timeout")
        with _client(nb_man, kernel_name, resources, options) as client, tempfile.TemporaryFile() as stderr:
            try:
                # Captured separately, because a kernel logs its own shutdown as an error.
                client.execute(env=env, stderr=stderr)
            except DeadKernelError as error:
                stderr.seek(0)
                words = stderr.read().decode(errors="replace").splitlines()
                reason = "it ended itself, was killed, or memory ran out"
                text = "\n".join([f"the kernel died {place}: {reason}.", *words[-TRACEBACK_LINES:]])
                raise DeadKernelError(text) from error
            except CellTimeoutError as error:
                if "Cell execution timed out" not in str(error):
                    raise
                text = f"the run was stopped {place}, which took longer than --cell-timeout {limit} s."
                raise CellTimeoutError(text) from error


@contextlib.contextmanager
def _client(nb_man, kernel_name, resources, options):
    """papermill's client, which `stop_kernels` finds; its event loop is closed after use."""
    client = NotebookClient(
        nb_man,
        kernel_name=kernel_name,
        resources=resources,
        startup_timeout=options.get("start_timeout", 60),
        timeout=options.get("execution_timeout"),
        record_timing=False,
        log=LOG,
    )
    save = nb_man.save

    def save_with_streams(**arguments):
        client.write_streams()
        return save(**arguments)

    nb_man.save = save_with_streams
    loop = ensure_event_loop()  # nbclient uses one per thread and never closes it
    _running.add(client)
    try:
        yield client
    finally:
        _running.discard(client)
        client.close()
        if not loop.is_running():
            loop.close()


def headings(cells):
    """For each cell, the last Markdown heading at or before it."""
    heading = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^#+ +(.+)$", cell.source, re.MULTILINE)
            heading = found[-1] if found else heading
        yield heading


papermill_engines.register(ENGINE, _Engine)
