"""`python -m blogkit record --seeds N`: claims over all seeds, figures of the first."""

import nbformat
import pytest

from blogkit.report.record import figure_bytes, read_record

CLAIM = """\
report.claim("C1", "seed", 1.0 + seed, kind="finding", null=0, at_least=0, dataset="digits")"""
FIGURE = """\
from base64 import b64encode
from IPython.display import display
data = {"image/png": b64encode(f"PNG of seed {seed}".encode()).decode()}
display(data, raw=True, metadata={"image/png": {"alt": "a curve"}})"""


@pytest.fixture
def notebook(clone):
    clone.profile("evening", "rate: 0.5\nseed: 7\n")
    path = clone.add("01_one", CLAIM, FIGURE)
    content = nbformat.read(path, as_version=4)
    content.cells[4].metadata["tags"] = ["record"]
    nbformat.write(content, path)
    return path


def test_records_claims_over_all_seeds_and_figures_of_the_first(clone, blogkit, notebook):
    code, out, err = blogkit("record", "01", "--seeds", "2")
    assert (code, err) == (0, "") and "recorded in" in out
    path = clone.project.records / "01_one.evening.cpu.json"
    found = read_record(path)
    (claim,) = found.claims
    assert (claim.value, claim.values, claim.seeds) == (1.5, (1.0, 2.0), 2)
    assert found.seeds == [0, 1] and found.parameters == {"rate": 0.5}
    assert found.command.endswith("--seeds 2")
    assert figure_bytes(path.parent, found, found.figures[0]) == b"PNG of seed 0"

    before = path.read_bytes()
    path.unlink()
    code, out, _ = blogkit("record", "01", "--seeds", "2", "--from-runs")
    assert code == 0 and path.read_bytes() == before
    code, out, _ = blogkit("record", "01", "--seeds", "3", "--from-runs")
    assert code == 1 and "01_one: not recorded: no finished run in runs/evening/seeds-3; " in out
    assert path.read_bytes() == before
