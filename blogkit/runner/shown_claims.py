"""The claims that a notebook shows in its outputs."""

import nbformat

from blogkit.report import CLAIMS_MIME


def shown_claims(notebook: nbformat.NotebookNode) -> list[dict]:
    """Notebook, article and claims of every output that shows claims, in order; the last one counts."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return [output.data[CLAIMS_MIME] for output in outputs if CLAIMS_MIME in output.get("data", {})]
