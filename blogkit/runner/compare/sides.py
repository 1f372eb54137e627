"""The two sides of a comparison: runs read from result files, records, notebooks and folders."""

import ast
import contextlib
import dataclasses
import json
from pathlib import Path

import nbformat

from blogkit.report import Claim
from blogkit.report.record import Record
from blogkit.runner.parameters import parameters_of
from blogkit.runner.project import COMMITTED, Project, UsageError, check_side, unknown
from blogkit.runner.refresh import BACKEND
from blogkit.runner.result_files import finish_all
from blogkit.runner.shown_claims import shown_claims

FAILED = ".failed.ipynb"
FIELDS = {"notebook": str, "claims": list, "parameters": dict, "environment": dict, "data": list}
ENVIRONMENT = ("backend", "device", "system", "commit", "python", "versions")
WORDS = {str: "text", list: "a list", dict: "an object"}


@dataclasses.dataclass(frozen=True)
class Run:
    """One run of one notebook; what its source does not record is empty or None.

    Args:
        notebook: Name of the notebook, such as `03_on_lstm`.
        source: The file that was read.
        claims: The claims, in the notebook's order.
        result: The content of a result file, or what a notebook tells of it.
        error: Why the run failed; empty if it did not.
    """

    notebook: str
    source: Path
    claims: tuple[Claim, ...]
    result: dict
    error: str = ""

    @property
    def executed(self) -> Path | None:
        """The executed notebook: the source itself, or the one beside a result file."""
        path = self.source if self.source.suffix == ".ipynb" else self.source.with_suffix(".ipynb")
        return path if path.exists() else None

    @property
    def environment(self) -> dict:
        return self.result.get("environment") or {}


def read_side(name: str, project: Project, wanted: set[str] | None = None) -> dict[str, list[Run]]:
    """Runs of the side `name`, by notebook; of the committed notebooks only those `wanted`.

    Raises:
        UsageError: If there is no such file or folder, it holds no results, or it cannot be read.
    """
    check_side(name)
    path = Path(name)
    if name == COMMITTED:
        paths = [path for path in project.all_notebooks() if wanted is None or path.stem in wanted]
        runs = [_from_notebook(path, committed=True) for path in paths]
    elif path.is_dir():
        runs = list(_from_folder(path))
    elif path.suffix == ".ipynb" and path.is_file():
        runs = [_from_notebook(path, committed=path.resolve() in project.all_notebooks())]
    else:
        runs = [_from_result(path)]
    runs = [run for run in runs if run.claims or run.error]
    if not runs:
        raise UsageError(f"{name!r} holds no claims. `python -m blogkit run` writes results into runs/.")
    found = {}
    for run in runs:
        found.setdefault(run.notebook, []).append(run)
    return found


def pair_sides(a: str, b: str, project: Project, names: list[str]) -> tuple[list[tuple[Run, Run]], dict]:
    """The runs of each notebook that both sides hold, and the names of those that one side lacks.

    Raises:
        UsageError: If nothing is left to compare, or a folder holds several results of one notebook.
    """
    sides = {label: read_side(name, project) for label, name in (("a", a), ("b", b)) if name != COMMITTED}
    # The committed notebooks last: of all eight, only those that have a partner matter.
    wanted = {name for side in sides.values() for name in side} or None
    for label, name in (("a", a), ("b", b)):
        if name == COMMITTED:
            sides[label] = read_side(name, project, wanted)
    present = sorted(set(sides["a"]) | set(sides["b"]))
    wanted = _chosen(names, present)
    both = [name for name in wanted if name in sides["a"] and name in sides["b"]]
    if not both:
        raise UsageError(
            f"A and B must be runs of the same notebook. Received: {', '.join(sorted(sides['a']))} "
            f"and {', '.join(sorted(sides['b']))}."
        )
    pairs = [(_only(sides["a"][name], a), _only(sides["b"][name], b)) for name in both]
    lacking = {
        label: [name for name in wanted if name in sides[other] and name not in sides[label]]
        for label, other in (("a", "b"), ("b", "a"))
    }
    one_file = Path(a).is_file() or Path(b).is_file()  # which asks for one notebook
    return pairs, {"a": [], "b": []} if one_file else lacking


def _chosen(names, present):
    chosen = []
    for name in names or present:
        stem = Path(name).name.removesuffix(".ipynb")
        found = [n for n in present if n == stem or n.partition("_")[0] == stem]
        if not found:
            raise unknown("notebook", name, present)
        chosen += found
    return list(dict.fromkeys(chosen))


def _only(runs, side):
    if len(runs) > 1:
        files = ", ".join(sorted(run.source.name for run in runs))
        raise UsageError(f"{side!r} holds {len(runs)} results of {runs[0].notebook}: {files}. Name one file.")
    return runs[0]


def _from_folder(folder):
    """The result files of `folder`, and the partial notebooks of runs that failed and have no result."""
    with contextlib.suppress(OSError):  # a disk that is read only
        finish_all(folder)
    for path in sorted(folder.glob("*.json")):
        if not path.name.startswith(".") and not path.name.endswith(".failed.json"):
            yield _from_result(path)
    for path in sorted(folder.glob(f"[0-9]*{FAILED}")):
        if not path.with_name(path.name.replace(FAILED, ".json")).exists():
            yield _from_notebook(path)


def _from_result(path):
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not a result file: {' '.join(str(error).split())}") from error
    fields = result = _unfolded(result, path) if isinstance(result, dict) else {}
    for name, kind in FIELDS.items():
        optional = name not in ("notebook", "claims") and fields.get(name) is None
        if not optional and not isinstance(fields.get(name), kind):
            raise UsageError(f"{path} is not a result file: `{name}` is not {WORDS[kind]}.")
    return Run(result["notebook"], path, _claims(result["claims"], path), result)


def _unfolded(result, path):
    """The fields of a result file; a record has those of the environment beside the others."""
    if "sha256" not in result:
        return result
    try:
        Record.from_dict(result)
    except ValueError as error:
        raise UsageError(f"record {path}: {error}") from error
    environment = {name: result[name] for name in ENVIRONMENT}
    return result | {"environment": environment, "started": result["date"]}


def _from_notebook(path, committed=False):
    """What an executed notebook tells: claims, parameters, start; the committed ones ran on `BACKEND`."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises many types
        reason = " ".join(str(error).split())
        raise UsageError(f"{path} is not a notebook: {type(error).__name__}: {reason}") from error
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    bundles = shown_claims(notebook)
    errors = [f"{o.ename}: {o.evalue}" for o in outputs if o.output_type == "error"]
    bundle = dict(bundles[-1]) if bundles else {}
    papermill = notebook.metadata.get("papermill") or {}
    result = {
        "article": bundle.get("article"),
        "parameters": _parameters(path, papermill),
        "started": papermill.get("start_time"),
        "seconds": papermill.get("duration"),
        "environment": {"backend": BACKEND} if committed else {},
    }
    name = bundle.get("notebook") or path.name.removesuffix(FAILED).removesuffix(".ipynb")
    claims = _claims(bundle.get("claims", []), path)
    saved = path.with_suffix(".json")  # what the notebook saved before it failed knows its machine, too
    if path.name.endswith(FAILED) and saved.exists():
        result = _from_result(saved).result
    return Run(name, path, claims, result, error=" ".join(errors[-1].split()) if errors else "")


def _parameters(path, papermill):
    """The notebook's own values, and over them those that papermill was given."""
    values = {}
    for parameter in parameters_of(path).values():
        try:
            values[parameter.name] = ast.literal_eval(parameter.default)
        except (ValueError, SyntaxError):
            continue
    return values | dict(papermill.get("parameters") or {})


def _claims(fields, path):
    try:
        return tuple(Claim.from_dict(claim) for claim in fields)
    except (TypeError, ValueError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path} holds claims that this blogkit cannot read: {reason}") from error
