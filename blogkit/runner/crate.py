"""A comparison and its runs as an RO-Crate, a folder that a referee can archive and others can read.

One notebook makes a Workflow Run Crate: the notebook is the workflow, each run an action with its
parameters, software, files and times. Several notebooks make a Process Run Crate, because a Workflow
Run Crate has one workflow. Both are profiles of RO-Crate 1.1.
"""

import datetime
import io
import json
import os
import secrets
import shutil
from pathlib import Path

import yaml

import blogkit
from blogkit.extras import import_extra
from blogkit.runner.compare.comparison import Comparison, Pair
from blogkit.runner.compare.page import comparison_page
from blogkit.runner.crate_run import add_run, add_software, add_workflow
from blogkit.runner.project import Project, UsageError

RO_CRATE = "1.1"
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
KEPT = ("CITATION.cff", "constraints.txt")  # who made this, and which versions were asked for


def write_crate(comparison: Comparison, project: Project, out: Path) -> Path:
    """Write the crate of `comparison` to the new folder `out` and return it.

    Built beside `out` and moved, so that a crate is whole or not there.

    Raises:
        UsageError: If `out` exists.
        ModuleNotFoundError: If rocrate is not installed.
    """
    out = Path(out)
    if out.exists() or out.is_symlink():
        raise UsageError(f"--crate must name a folder that does not exist yet. Received: {str(out)!r}.")
    crate = _crate(comparison, project)
    beside = out.absolute().with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        crate.write(beside)
        os.rename(beside, out)
    except OSError as error:
        raise UsageError(f"--crate cannot write {str(out)!r}: {error}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return out


def _crate(comparison, project):
    rocrate = import_extra("rocrate.rocrate", needed_by="--crate")
    crate = rocrate.ROCrate(version=RO_CRATE, gen_preview=True)
    crate.metadata.extra_contexts.append(CONTEXT)
    names = [pair.notebook for pair in comparison.pairs]
    root = crate.root_dataset
    root["name"] = f"Comparison of two runs of {', '.join(names)}"
    root["description"] = f"A: {comparison.a}. B: {comparison.b}. {comparison.summary}"
    root["datePublished"] = _now()
    root["conformsTo"] = [_profile(crate, uri) for uri in list(PROFILES)[: 3 if len(names) == 1 else 1]]
    _cite(crate, project)
    results = []
    for pair in comparison.pairs:
        results += _add_pair(crate, pair, project, main=len(names) == 1)
    _add_comparison(crate, comparison, results)
    readme = _add_text(crate, "README.md", _readme(comparison), "text/markdown", "What this crate holds")
    readme["about"] = root
    for entity in crate.get_entities():
        _unwrap(entity.properties())
    return crate


def _unwrap(properties):
    """One value instead of a list of one, as RO-Crate 1.1 recommends."""
    for name, value in properties.items():
        if isinstance(value, list) and len(value) == 1 and name != "hasPart":
            properties[name] = value[0]


def _add_pair(crate, pair: Pair, project: Project, main: bool):
    """The notebook and its two runs; returns the entities of the runs' files."""
    path = _notebook(pair, project)
    if path is None:
        raise UsageError(
            f"--crate needs the notebook. There is no {pair.notebook}.ipynb in {project.notebooks}."
        )
    workflow = add_workflow(crate, path, pair.notebook, main)
    results = []
    for label, run in (("a", pair.a), ("b", pair.b)):
        results += add_run(crate, workflow, label, run)
    return results


def _notebook(pair, project):
    """The notebook of the clone, else the executed one of A or B."""
    kept = [path for path in project.all_notebooks() if path.stem == pair.notebook]
    executed = [run.executed for run in (pair.a, pair.b) if run.executed]
    return next(iter(kept + executed), None)


def _add_comparison(crate, comparison, results):
    """The action that made `comparison.json` and `comparison.html` of the files of the runs."""
    text = json.dumps(comparison.to_dict(), ensure_ascii=False, indent=1)
    made = [
        _add_text(
            crate, "comparison.json", text + "\n", "application/json", "The comparison, claim by claim"
        ),
        _add_text(
            crate, "comparison.html", comparison_page(comparison), "text/html", "The comparison to read"
        ),
    ]
    (blogkit_itself,) = add_software(crate, {"blogkit": blogkit.__version__})
    action = crate.add_jsonld(
        {
            "@id": "#comparison",
            "@type": "CreateAction",
            "name": "Comparison of A and B",
            "description": f"python -m blogkit compare {comparison.a} {comparison.b}: {comparison.summary}",
            "endTime": _now(),
            "instrument": blogkit_itself,
            "object": results,
            "result": made,
        }
    )
    crate.root_dataset.append_to("mentions", action)


def _readme(comparison):
    names = ", ".join(pair.notebook for pair in comparison.pairs)
    lines = [
        f"# Two runs of {names}, compared",
        f"A: {comparison.a}. B: {comparison.b}.",
        comparison.summary,
        "`comparison.html` shows the comparison claim by claim, `comparison.json` is the same for programs. "
        "`a/` and `b/` hold the result files and executed notebooks of the two runs, beside this file is "
        "the notebook that ran. `ro-crate-metadata.json` describes all of it: parameters, software, "
        "devices, commits and times. `python -m blogkit compare a b` in a clone of blogkit repeats it.",
    ]
    return "\n\n".join(lines) + "\n"


def _add_text(crate, name, text, encoding, title):
    properties = {"name": title, "encodingFormat": encoding}
    return crate.add_file(io.StringIO(text), name, properties=properties)


def _cite(crate, project):
    """Authors and licence from CITATION.cff; the file itself, and the constraints, are kept too."""
    for name in KEPT:
        if (project.root / name).exists():
            encoding = "application/yaml" if name.endswith(".cff") else "text/plain"
            crate.add_file(project.root / name, name, properties={"name": name, "encodingFormat": encoding})
    path = project.root / "CITATION.cff"
    cited = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    root = crate.root_dataset
    if cited.get("license"):
        uri = f"https://spdx.org/licenses/{cited['license']}"
        licence = {"@id": uri, "@type": "CreativeWork", "name": cited["license"], "url": uri}
        root["license"] = crate.add_jsonld(licence)
    authors = [_author(crate, number, fields) for number, fields in enumerate(cited.get("authors", []), 1)]
    if authors:
        root["author"] = authors


def _author(crate, number, fields):
    """A person or, where CITATION.cff has one `name`, an organization."""
    person = [fields[part] for part in ("given-names", "family-names") if fields.get(part)]
    properties = {
        "@id": fields.get("orcid") or f"#author-{number}",
        "@type": "Person" if person else "Organization",
        "name": " ".join(person) or fields["name"],
    }
    return crate.add_jsonld(properties | ({"url": fields["website"]} if fields.get("website") else {}))


def _profile(crate, uri):
    version = uri.rpartition("/")[2]
    return crate.add_jsonld({"@id": uri, "@type": "CreativeWork", "name": PROFILES[uri], "version": version})


def _now():
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
