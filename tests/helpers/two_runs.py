"""Result files of two runs that differ as a test asks, without running anything."""

import copy
import json
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_output

from blogkit.report import CLAIMS_MIME, Claim
from blogkit.report.record import checksum

NAME = "03_on_lstm"
IDENTITY = dict(id="C1", kind="identity", sentence="cumax climbs to one", value=2e-7, at_most=1e-5, seeds=0)
SPREAD = dict(id="C2", kind="finding", sentence="trees beat chance", values=[0.50, 0.52, 0.54], null=0.3)
SINGLE = dict(id="C3", kind="article", sentence="loss falls", value=1.25, null=1.5, article="1.2", seeds=1)
UNTESTED = dict(id="C4", kind="article", sentence="perplexity of PTB", article="56.17", untested="needs PTB")
BOUNDS = {"C2": dict(at_least=0.3), "C3": dict(at_most=1.5), "C4": dict(at_most=56.17)}
STAND_IN = {"C3": True}

ENVIRONMENT = {
    "python": "3.12.1",
    "system": "Linux x86_64",
    "versions": {"blogkit": "0.1.0", "keras": "3.15.1", "numpy": "2.4.0", "tensorflow": "2.21.0"},
    "backend": "tensorflow",
    "device": "a cpu",
    "commit": "0123456789ab",
}


def claim(**fields) -> dict:
    """The JSON of a claim: `fields` over what its id needs."""
    fields = {"dataset": "sentences", "stand_in": STAND_IN.get(fields["id"], False)} | fields
    return Claim(**BOUNDS.get(fields["id"], {}) | fields).to_dict()


def claims() -> list[dict]:
    """One claim of each kind and tolerance."""
    return [claim(**fields) for fields in (IDENTITY, SPREAD, SINGLE, UNTESTED)]


def result(**changes) -> dict:
    """A result file; `environment` and `parameters` are changed, every other name is replaced."""
    found = {
        "notebook": NAME,
        "article": "https://kexue.fm/archives/6621",
        "parameters": {"seed": 0, "rate": 0.1, "sizes": [1, 2]},
        "claims": claims(),
        "data": [{"name": "sentences", "parts": {"train": {"rows": 4000, "sha256": "ab" * 32}}}],
        "measured": {},
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 74.0,
        "environment": copy.deepcopy(ENVIRONMENT),
        "fingerprint": "f" * 64,
    }
    for name in ("environment", "parameters"):
        found[name] = found[name] | changes.pop(name, {})
    return found | changes


def on_jax(**changes) -> dict:
    """The same run on JAX."""
    versions = {"blogkit": "0.1.0", "keras": "3.15.1", "numpy": "2.4.0", "jax": "0.10.2"}
    environment = {"backend": "jax", "versions": versions}
    return result(environment=environment, fingerprint="e" * 64, **changes)


def recorded() -> dict:
    """The record of the same run with three seeds."""
    run = result()
    facts = {name: run[name] for name in ("notebook", "article", "parameters", "claims", "data", "measured")}
    others = dict.fromkeys(("trainable_parameters", "cores", "peak_memory_mb", "peak_device_memory_mb"))
    fields = facts | run["environment"] | others | {"profile": "evening", "slug": "cpu", "figures": []}
    fields |= {"seeds": [0, 1, 2], "date": "2026-01-02", "seconds": 900.0, "resumed": False}
    return fields | {"sha256": checksum(fields)}


def replaced(fields: list[dict], **claim_fields) -> list[dict]:
    """`fields` with the claim of the same id replaced."""
    new = claim(**claim_fields)
    return [new if old["id"] == new["id"] else old for old in fields]


def write(folder: Path, content: dict, name: str = f"{NAME}.json") -> Path:
    """Write `content` as the result file `name` of `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def show_claims(path: Path, fields: list[dict], error=None, papermill=None) -> None:
    """Add the table of claims, and an error, to the outputs of the notebook at `path`."""
    notebook = nbformat.read(path, as_version=4)
    bundle = {CLAIMS_MIME: {"notebook": NAME, "article": "", "claims": fields}, "text/plain": "claims"}
    notebook.cells.append(new_code_cell("report", outputs=[new_output("display_data", data=bundle)]))
    if error:
        output = new_output("error", ename="AssertionError", evalue=error, traceback=[])
        notebook.cells.append(new_code_cell("report.check()", outputs=[output]))
    if papermill:
        notebook.metadata["papermill"] = papermill
    nbformat.write(notebook, path)
