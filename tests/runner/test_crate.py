"""The RO-Crate of a comparison, read back by rocrate, against the rules of its profiles.

`roc-validator` knows the same rules; it is not installed here because it brings a triple store and
reads its contexts from the network.
"""

import datetime
import json

import pytest
from rocrate.rocrate import ROCrate
from two_runs import NAME, SINGLE, claim, claims, on_jax, recorded, result, show_claims, write

import blogkit as blogkit_itself
from blogkit.runner import main

OTHER = "08_gradient_accumulation"
CITATION = """\
license: MIT
authors:
  - name: The blogkit authors
  - given-names: Ada
    family-names: Lovelace
    orcid: https://orcid.org/0000-0000-0000-0000
"""
PROCESS, WORKFLOW = (f"https://w3id.org/ro/wfrun/{name}/0.5" for name in ("process", "workflow"))


@pytest.fixture
def sides(clone, tmp_path):
    """Folders `a` and `b`, on JAX with another seed, each with its executed notebook; a cited clone."""
    executed = clone.add(NAME).read_text(encoding="utf-8")
    (clone.root / "CITATION.cff").write_text(CITATION)
    loss = claim(**SINGLE | {"value": 1.31})
    write(tmp_path / "a", result())
    write(tmp_path / "b", on_jax(claims=[*claims()[:2], loss, claims()[3]], parameters={"seed": 1}))
    for side in ("a", "b"):
        (tmp_path / side / f"{NAME}.ipynb").write_text(executed, encoding="utf-8")
    return tmp_path


@pytest.fixture
def crate(sides, blogkit):
    code, _, err = blogkit("compare", sides / "a", sides / "b", "--crate", sides / "crate")
    assert (code, err) == (0, "")
    return ROCrate(sides / "crate")


def ids(entities):
    return [entity.id for entity in (entities if isinstance(entities, list) else [entities])]


def action(crate, label):
    return crate.get(f"#{label}-{NAME}")


def test_the_notebook_is_the_workflow_and_the_profiles_are_named(crate, sides):
    assert crate.version == "1.1"
    assert ids(crate.root_dataset["conformsTo"])[:2] == [PROCESS, WORKFLOW]
    assert all(entity.type == "CreativeWork" for entity in crate.root_dataset["conformsTo"])
    assert crate.mainEntity.id == f"{NAME}.ipynb"
    assert set(crate.mainEntity.type) == {"File", "SoftwareSourceCode", "ComputationalWorkflow"}
    assert crate.mainEntity["programmingLanguage"].type == "ComputerLanguage"
    context = json.loads((sides / "crate/ro-crate-metadata.json").read_text(encoding="utf-8"))["@context"]
    assert context == [f"https://w3id.org/ro/{name}/context" for name in ("crate/1.1", "terms/workflow-run")]


def test_every_file_is_there_and_listed(crate, sides):
    files = {path.relative_to(sides / "crate").as_posix() for path in (sides / "crate").rglob("*.*")}
    listed = {entity.id for entity in crate.data_entities}
    assert files == listed | {"ro-crate-metadata.json", "ro-crate-preview.html"}
    assert {f"{side}/{NAME}{suffix}" for side in "ab" for suffix in (".json", ".ipynb")} <= listed
    assert (sides / "crate" / "a" / f"{NAME}.json").read_bytes() == (
        sides / "a" / f"{NAME}.json"
    ).read_bytes()
    assert all(entity.get("encodingFormat") for entity in crate.data_entities)


def test_parameters_are_slots_of_the_workflow_and_values_of_the_runs(crate):
    slots = {slot["name"]: slot for slot in crate.mainEntity["input"]}
    assert {name: slot["additionalType"] for name, slot in slots.items()} == {
        "seed": "Integer",
        "rate": "Float",
        "dataset": "Text",
        "sizes": "Integer",
        "fast": "Boolean",
    }
    rate = slots["rate"]
    assert (rate["defaultValue"], rate["description"]) == ("0.1", "learning rate, more than 0")
    for label, seed in (("a", "0"), ("b", "1")):
        values = {e["name"]: e for e in action(crate, label)["object"] if e.type == "PropertyValue"}
        assert {name: e["value"] for name, e in values.items()} == {
            "seed": seed,
            "rate": "0.1",
            "sizes": "[1, 2]",
        }
        assert values["seed"]["exampleOfWork"] is slots["seed"]
    assert ids(slots["seed"]["workExample"]) == [f"#a-{NAME}-seed", f"#b-{NAME}-seed"]
    outputs = {slot["name"]: slot for slot in crate.mainEntity["output"]}
    assert ids(outputs["result"]["workExample"]) == [f"a/{NAME}.json", f"b/{NAME}.json"]


def test_an_action_for_each_run_says_when_with_what_and_on_which_device(crate):
    assert ids(crate.root_dataset["mentions"]) == [f"#a-{NAME}", f"#b-{NAME}", "#comparison"]
    run = action(crate, "b")
    assert run.type == "CreateAction" and run["instrument"] is crate.mainEntity
    assert run["startTime"] == "2026-01-02T03:04:05+00:00"
    assert run["endTime"] == "2026-01-02T03:05:19+00:00"  # 74 s later
    assert ids(run["result"]) == [f"b/{NAME}.json", f"b/{NAME}.ipynb"]
    software = {(e["name"], e["softwareVersion"]) for e in run["softwareRequirements"]}
    assert {("python", "3.12.1"), ("keras", "3.15.1"), ("jax", "0.10.2")} <= software
    assert "tensorflow" not in dict(software)
    assert run["environment"]["name"] == "KERAS_BACKEND" and run["environment"]["value"] == "jax"
    assert run["environment"]["exampleOfWork"] is crate.mainEntity["environment"]
    facts = {e["name"]: e["value"] for e in run["additionalProperty"]}
    assert facts == {"device": "a cpu", "system": "Linux x86_64", "commit": "0123456789ab"}
    (data,) = [e for e in run["object"] if e.type == "CreativeWork"]
    assert data["sha256"] == "ab" * 32 and "rows: 4000" in data["description"]


def test_the_comparison_is_part_of_it(crate, sides):
    made = crate.get("#comparison")
    assert ids(made["result"]) == ["comparison.json", "comparison.html"]
    assert set(ids(made["object"])) == {f"{s}/{NAME}{x}" for s in "ab" for x in (".json", ".ipynb")}
    found = json.loads((sides / "crate/comparison.json").read_text(encoding="utf-8"))
    assert found["notebooks"][0]["claims"][2]["outcome"] == "explained"
    assert found["summary"] in crate.root_dataset["description"]
    assert found["summary"] in (sides / "crate/README.md").read_text(encoding="utf-8")


def test_authors_and_licence_are_those_of_the_citation_file(crate):
    organization, person = crate.root_dataset["author"]
    assert (organization.type, organization["name"]) == ("Organization", "The blogkit authors")
    assert (person.type, person["name"]) == ("Person", "Ada Lovelace")
    assert person.id == "https://orcid.org/0000-0000-0000-0000"
    assert crate.root_dataset["license"].id == "https://spdx.org/licenses/MIT"
    assert crate.datePublished.date() == datetime.datetime.now(datetime.UTC).date()


def test_links_lead_to_entities_and_ids_are_unique(crate, sides):
    graph = json.loads((sides / "crate/ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    known = [entity["@id"] for entity in graph]
    assert len(known) == len(set(known))
    links = {
        value["@id"]
        for entity in graph
        for values in entity.values()
        for value in (values if isinstance(values, list) else [values])
        if isinstance(value, dict)
    }
    outside = {link for link in links - set(known) if not link.startswith("https://")}
    assert outside == set()
    # RO-Crate 1.1 recommends a value instead of a list of one
    lists = [(e["@id"], k) for e in graph for k, v in e.items() if isinstance(v, list) and len(v) == 1]
    assert lists == []


def test_several_notebooks_make_a_process_run_crate(clone, sides, blogkit):
    clone.add(OTHER)
    for side in ("a", "b"):
        write(sides / side, result(notebook=OTHER), f"{OTHER}.json")
    assert blogkit("compare", sides / "a", sides / "b", "--crate", sides / "crate")[0] == 0
    crate = ROCrate(sides / "crate")
    assert ids(crate.root_dataset["conformsTo"]) == [PROCESS] and crate.mainEntity is None
    assert [e["instrument"].id for e in crate.root_dataset["mentions"][::2]] == [
        f"{NAME}.ipynb",
        f"{OTHER}.ipynb",
        f"#blogkit-{blogkit_itself.__version__}",
    ]


def test_a_run_that_failed_and_a_side_that_records_little(clone, sides, blogkit):
    show_claims(clone.add(NAME), claims())
    path = clone.add(OTHER).rename(sides / f"{NAME}.failed.ipynb")
    show_claims(path, claims(), error="shapes do not fit")
    assert blogkit("compare", "committed", path, "--crate", sides / "crate")[0] == 1
    crate = ROCrate(sides / "crate")
    assert action(crate, "b")["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert action(crate, "b")["error"] == "AssertionError: shapes do not fit"
    assert "startTime" not in action(crate, "a") and "actionStatus" not in action(crate, "a")


def test_a_record_keeps_the_day_alone(sides, blogkit):
    path = write(sides, recorded(), f"{NAME}.evening.cpu.json")
    code, out, _ = blogkit("compare", sides / "a", path, "--crate", sides / "crate")
    assert code == 0 and f"B: {path.name}, 2026-01-02\n" in out
    run = action(ROCrate(sides / "crate"), "b")
    assert run["startTime"] == "2026-01-02" and "endTime" not in run
    assert run["result"].id == f"b/{path.name}"


@pytest.mark.parametrize("there", ["folder", "file", "link"])
def test_what_exists_is_not_touched(sides, blogkit, there):
    out = sides / "crate"
    if there == "folder":
        out.mkdir()
    elif there == "file":
        out.write_text("mine")
    else:
        out.symlink_to(sides / "nowhere")
    before = sorted(sides.rglob("*"))
    code, _, err = blogkit("compare", sides / "a", sides / "b", "--crate", out)
    assert code == 2 and err.count("\n") == 1
    assert err.startswith("blogkit: --crate must name a folder that does not exist yet. Received: ")
    assert sorted(sides.rglob("*")) == before


def test_nothing_half_written_stays(sides, blogkit, monkeypatch):
    before = sorted(sides.rglob("*"))
    monkeypatch.setattr("os.rename", lambda *paths: (_ for _ in ()).throw(OSError("disk full")))
    code, _, err = blogkit("compare", sides / "a", sides / "b", "--crate", sides / "crate")
    assert code == 2 and "disk full" in err
    assert sorted(sides.rglob("*")) == before


def test_a_notebook_that_the_clone_lacks_is_named(clone, sides, blogkit):
    (clone.root / "notebooks" / f"{NAME}.ipynb").unlink()
    for side in ("a", "b"):
        (sides / side / f"{NAME}.ipynb").unlink()
    code, _, err = blogkit("compare", sides / "a", sides / "b", "--crate", sides / "crate")
    assert code == 2 and f"no {NAME}.ipynb" in err and not (sides / "crate").exists()


def test_without_rocrate_the_error_names_the_extra(sides, clone, monkeypatch, capfd):
    monkeypatch.setitem(__import__("sys").modules, "rocrate.rocrate", None)
    arguments = ["--root", str(clone.root), "compare", str(sides / "a"), str(sides / "b")]
    assert main([*arguments, "--crate", str(sides / "crate")]) == 2
    assert "needs rocrate" in capfd.readouterr().err
