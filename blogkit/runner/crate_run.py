"""Entities of a crate: a notebook as workflow, its parameters, and a run with all that is known of it."""

import datetime
import json
from pathlib import Path
from urllib.parse import quote

import blogkit
from blogkit.extras import import_extra
from blogkit.runner.compare.sides import Run
from blogkit.runner.parameters import parameters_of

FORMAL_PARAMETER = {"@id": "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"}
TYPES = {"int": "Integer", "float": "Float", "str": "Text", "bool": "Boolean"}
OUTPUTS = {".json": "result", ".ipynb": "executed"}  # the two files of a run, and their formal parameters
ENCODINGS = {".json": "application/json", ".ipynb": "application/x-ipynb+json"}
BACKEND = "KERAS_BACKEND"
HOMEPAGES = {
    "python": "https://www.python.org/",
    "keras": "https://keras.io/",
    "numpy": "https://numpy.org/",
    "tensorflow": "https://www.tensorflow.org/",
    "jax": "https://docs.jax.dev/",
    "torch": "https://pytorch.org/",
    "matplotlib": "https://matplotlib.org/",
    "papermill": "https://papermill.readthedocs.io/",
}


def add_workflow(crate, path: Path, name: str, main: bool):
    """The notebook `path` as a workflow with formal parameters; the crate's main entity if `main`."""
    model = import_extra("rocrate.model", needed_by="--crate")
    language = crate.get("#jupyter-notebook") or crate.add(
        model.ComputerLanguage(
            crate,
            "#jupyter-notebook",
            properties={
                "name": "Jupyter Notebook",
                "identifier": {"@id": "https://jupyter.org/"},
                "url": {"@id": "https://nbformat.readthedocs.io/"},
            },
        )
    )
    properties = {"name": name, "version": blogkit.__version__, "encodingFormat": ENCODINGS[".ipynb"]}
    workflow = crate.add_workflow(path, f"{name}.ipynb", properties=properties, main=main, lang=language)
    for parameter in parameters_of(path).values():
        workflow.append_to("input", _slot(crate, name, parameter.name, **_typed(parameter)))
    workflow["environment"] = [_slot(crate, name, BACKEND, additionalType="Text")]
    return workflow


def add_run(crate, workflow, label: str, run: Run) -> list:
    """The action of `run`, side `label`; returns the entities of its files."""
    name = run.notebook
    files = [_add_output(crate, workflow, label, run, path) for path in _files(run)]
    environment = run.environment
    action = {
        "@id": f"#{label}-{name}",
        "@type": "CreateAction",
        "name": f"Run {label.upper()} of {name}",
        "description": _described(run),
        "instrument": workflow,
        "result": files,
        **_times(run.result),
    }
    if run.error:
        action |= {"actionStatus": {"@id": "http://schema.org/FailedActionStatus"}, "error": run.error}
    values = [
        _value(crate, name, label, parameter, value)
        for parameter, value in (run.result.get("parameters") or {}).items()
    ]
    consumed = [*values, *_data(crate, label, run.result.get("data") or ())]
    software = {"python": environment.get("python"), **(environment.get("versions") or {})}
    known = {
        "object": consumed,
        "softwareRequirements": add_software(crate, {k: v for k, v in software.items() if v}),
        "additionalProperty": [
            _property(crate, f"#{label}-{name}-{fact}", fact, environment[fact])
            for fact in ("device", "system", "commit")
            if environment.get(fact)
        ],
    }
    if environment.get("backend"):
        known["environment"] = [_value(crate, name, label, BACKEND, environment["backend"])]
    crate.root_dataset.append_to("mentions", crate.add_jsonld(action | {k: v for k, v in known.items() if v}))
    return files


def add_software(crate, versions: dict[str, str]) -> list:
    """One entity for each package and version."""
    found = []
    for name, version in versions.items():
        home = HOMEPAGES.get(name)
        properties = {
            "@id": f"{home}#{version}" if home else f"#{name}-{version}",
            "@type": "SoftwareApplication",
            "name": name,
            "softwareVersion": version,
        }
        url = {"url": {"@id": home}} if home else {}
        found.append(crate.get(properties["@id"]) or crate.add_jsonld(properties | url))
    return found


def _files(run):
    return list(dict.fromkeys(path for path in (run.source, run.executed) if path))


def _add_output(crate, workflow, label, run, path):
    """A file of a run, in the folder of its side, as an example of the workflow's output."""
    output = OUTPUTS[path.suffix]
    slot = crate.get(f"#{run.notebook}-{output}")
    if slot is None:
        slot = _slot(crate, run.notebook, output, additionalType="File")
        workflow.append_to("output", slot)
    properties = {
        "name": f"{path.name} of run {label.upper()}",
        "encodingFormat": ENCODINGS[path.suffix],
        "exampleOfWork": slot,
    }
    file = crate.add_file(path, f"{label}/{path.name}", properties=properties, record_size=True)
    slot.append_to("workExample", file)
    return file


def _slot(crate, notebook, name, **properties):
    """A formal parameter of a notebook."""
    return crate.add_jsonld(
        {
            "@id": f"#{notebook}-{name}",
            "@type": "FormalParameter",
            "conformsTo": FORMAL_PARAMETER,
            "name": name,
            **properties,
        }
    )


def _typed(parameter):
    """Type, default and help of a notebook's parameter; lists by the type of their elements."""
    outer, _, inner = parameter.type.removesuffix("]").partition("[")
    found = {
        "additionalType": TYPES.get(inner or outer, "Text"),
        "defaultValue": parameter.default,
        "valueRequired": "False",
        "description": parameter.help or parameter.name,
    }
    return found | ({"multipleValues": "True"} if outer == "list" else {})


def _value(crate, notebook, label, name, value):
    """The value of a parameter in one run, as an example of the formal parameter if there is one."""
    slot = crate.get(f"#{notebook}-{name}")
    found = _property(crate, f"#{label}-{notebook}-{name}", name, value)
    if slot:  # an older run may have parameters that the notebook no longer declares
        found["exampleOfWork"] = slot
        slot.append_to("workExample", found)
    return found


def _property(crate, id, name, value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return crate.add_jsonld({"@id": id, "@type": "PropertyValue", "name": name, "value": text})


def _data(crate, label, sets):
    """The data sets that a run read, with row counts and checksums."""
    for part_of in sets:
        for part, facts in (part_of.get("parts") or {}).items():
            properties = {
                "@id": quote(f"#{label}-data-{part_of['name']}-{part}", safe="#"),
                "@type": "CreativeWork",
                "name": f"{part_of['name']}, {part}",
                "description": ", ".join(f"{name}: {value}" for name, value in facts.items()),
            }
            digest = {"sha256": facts["sha256"]} if facts.get("sha256") else {}
            yield crate.get(properties["@id"]) or crate.add_jsonld(properties | digest)


def _times(result):
    """Start and end, as far as they are recorded."""
    try:
        start = datetime.datetime.fromisoformat(result["started"])
    except (KeyError, TypeError, ValueError):
        return {}
    if "T" not in result["started"]:  # a record keeps the day alone
        return {"startTime": result["started"]}
    if start.tzinfo is None:
        start = start.replace(tzinfo=datetime.UTC)
    times = {"startTime": start.isoformat(timespec="seconds")}
    if result.get("seconds") is not None:
        end = start + datetime.timedelta(seconds=result["seconds"])
        times["endTime"] = end.isoformat(timespec="seconds")
    return times


def _described(run):
    """The facts of a run in one line."""
    found = run.environment
    facts = [f"{name} {found[name]}" for name in ("backend", "device", "commit") if found.get(name)]
    return ", ".join([f"From {run.source.name}", *facts])
