"""papermill's client, with outputs joined and capped as they arrive and a kernel behind socket files."""

import json

from papermill.clientwrap import PapermillNotebookClient

from blogkit.runner.kernel_sockets import KernelSockets
from blogkit.runner.terminal_text import TerminalText

MOST_OF_A_STREAM = 1_000_000  # characters that a cell keeps of stdout, and of stderr
MOST_OF_THE_OTHERS = 50_000_000  # that it keeps of its figures, tables and values together
# Has a kernel of IPython wait for a slow reader. Otherwise it drops messages while a thousand are waiting.
NO_DROPS = (
    "--InteractiveShellApp.exec_lines=import zmq; "
    "get_ipython().kernel.iopub_socket.setsockopt(zmq.XPUB_NODROP, 1); del zmq"
)
MOST_UNREAD = 0  # messages that wait to be read here, 0 for any number; then other kernels drop fewer, too
SLOWEST_OUTPUT = 60  # seconds after the end of a cell in which its last output arrives


class NotebookClient(PapermillNotebookClient):
    """Executes the cells of a notebook.

    nbclient joins the streams of a cell when it has ended, with regular expressions whose time grows
    with the square of a line. Here each message is joined when it arrives, as `TerminalText` does it,
    stdout before stderr where one follows the other; what a cell shows beyond the limits above is
    replaced by a note that says how much it was.
    """

    def __init__(self, *args, **options):
        super().__init__(*args, coalesce_streams=False, iopub_timeout=SLOWEST_OUTPUT, **options)
        self._sockets = None
        self._start_cell()

    def _start_cell(self):
        self._streams = {}  # from name to output and its text
        self._size = 0  # of all other outputs
        self._left_out = None  # the output that tells of what was left out, number and size of the latter

    def create_kernel_manager(self):
        """The manager of a kernel that is reached through socket files where the platform has them."""
        manager = super().create_kernel_manager()
        connect = manager.client

        def client(**options):
            found = connect(**options)
            found.context.rcvhwm = MOST_UNREAD
            return found

        manager.client = client
        self._sockets = KernelSockets.open()
        self._sockets.configure(manager)
        return manager

    def start_new_kernel(self, **options):
        """Start a kernel that drops no output."""
        if getattr(self.km, "ipykernel", False):
            self.extra_arguments += [NO_DROPS]
        super().start_new_kernel(**options)

    def close(self) -> None:
        """Remove the kernel's socket files."""
        if self._sockets:
            self._sockets.close()

    def write_streams(self) -> None:
        """Put the text of the streams into the notebook; to be called before it is saved."""
        for output, text in self._streams.values():
            output["text"] = text.text

    def output(self, outs, msg, display_id, cell_index):
        """Add the output of one message to `outs`."""
        if not outs:  # a new cell, or its outputs were cleared
            self._start_cell()
        if self.output_hook_stack[msg["parent_header"].get("msg_id")]:
            return super().output(outs, msg, display_id, cell_index)
        if self.clear_before_next_output:
            outs[:] = []
            self.clear_display_id_mapping(cell_index)
            self.clear_before_next_output = False
            self._start_cell()
        if msg["msg_type"] == "stream":
            return self._stream(outs, msg["content"]["name"], msg, cell_index)
        return self._other(outs, msg, display_id, cell_index)

    def _stream(self, outs, name, msg, cell_index):
        if name in self._streams:
            self._streams[name][1].write(msg["content"]["text"])
            return None
        output = super().output(outs, msg, None, cell_index)
        text = TerminalText(MOST_OF_A_STREAM)
        text.write(output["text"])
        self._streams[name] = output, text
        # They come in either order.
        if name == "stdout" and len(outs) > 1 and outs[-2].get("name") == "stderr":
            outs[-2:] = reversed(outs[-2:])
        return output

    def _other(self, outs, msg, display_id, cell_index):
        content = msg["content"]
        if msg["msg_type"] == "error":
            shorter = {key: _shortened(content[key]) for key in ("ename", "evalue")}
            lines = _shortened("\n".join(content["traceback"])).split("\n")
            msg = {**msg, "content": {**content, **shorter, "traceback": lines}}
            return super().output(outs, msg, display_id, cell_index)
        size = sum(
            len(data if isinstance(data, str) else json.dumps(data)) for data in content["data"].values()
        )
        if self._size + size <= MOST_OF_THE_OTHERS:
            self._size += size
            return super().output(outs, msg, display_id, cell_index)
        if self._left_out is None:
            msg = {**msg, "content": {**content, "data": {"text/plain": ""}, "metadata": {}}}
            self._left_out = [super().output(outs, msg, None, cell_index), 0, 0]
        self._left_out[1] += 1
        self._left_out[2] += size
        note, number, size = self._left_out
        what = "output" if number == 1 else "outputs"
        note["data"]["text/plain"] = (
            f"[{number:,} {what} of {size:,} characters left out, the first of them here: "
            f"{MOST_OF_THE_OTHERS:,} of a cell's figures, tables and values are kept]"
        )
        return None


def _shortened(text):
    kept = TerminalText(MOST_OF_A_STREAM)
    kept.write(text)
    return kept.text
