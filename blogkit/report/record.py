"""A recorded run: the claims of a long run, on which machine and data, and its figures, in files of a clone.

`NN_name.<profile>.<device>.json` and one `NN_name.<profile>.<device>.<k>.png` for each figure; where a
profile has several records, `<profile>-<label>`.
"""

import dataclasses
import hashlib
import json
import shlex
from collections.abc import Collection
from pathlib import Path

from blogkit.report.claim import Claim

FOLDER = "records"  # beside the notebooks
LARGEST_PNG = 150_000  # bytes


@dataclasses.dataclass(frozen=True, kw_only=True)
class RecordedFigure:
    """One PNG file of a record.

    Args:
        file: Its name; it lies beside the record.
        sha256: Of its bytes.
        alt: Alternative text.
        caption: What the figure shows.
        width: Pixels of a page on which to show it; None if unknown.
        height: As `width`.
    """

    file: str
    sha256: str
    alt: str
    caption: str
    width: int | None = None
    height: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """What one long run found, and everything that a reader needs to run it again.

    Args:
        notebook: File name of the notebook without `.ipynb`.
        profile: Profile of the run.
        overrides: Parameters that were given beside the profile and replace its values.
        label: What tells records of one profile apart, such as the task that was run; in the file name.
        slug: The device in the file name: `cpu`, or the model of an accelerator.
        article: URL of the article.
        parameters: Names and values of the notebook's parameters in this run.
        claims: In the order of their numbers.
        data: Data sets: `{"name": ..., "parts": {"train": {"rows": ..., "sha256": ...}}}`.
        seeds: Seeds of the runs over which the claims were computed.
        figures: Of the cells tagged `record`.
        measured: Values that depend on the machine, as in the result file.
        trainable_parameters: Of the notebook's model, or None.
        commit: Of the clone, with "-dirty" if files had changed; None if unknown.
        python: Version of Python.
        system: Operating system and architecture.
        versions: Package versions by name.
        backend: Keras backend.
        device: Full name of the accelerator, else of the processor.
        cores: Processor cores that the run could use, or None.
        date: UTC day on which the run started, `YYYY-MM-DD`.
        seconds: Duration.
        resumed: True if the run was interrupted; then `seconds` and `measured` are of its last part alone.
        peak_memory_mb: Largest resident memory of the kernel, or None.
        peak_device_memory_mb: Largest memory on the accelerator, or None.
    """

    notebook: str
    profile: str
    slug: str
    article: str
    parameters: dict
    claims: tuple[Claim, ...]
    data: list[dict]
    seeds: list[int]
    figures: tuple[RecordedFigure, ...]
    measured: list[dict]
    trainable_parameters: int | None
    commit: str | None
    python: str
    system: str
    versions: dict[str, str]
    backend: str | None
    device: str | None
    cores: int | None
    date: str
    seconds: float
    resumed: bool
    peak_memory_mb: float | None
    peak_device_memory_mb: float | None
    overrides: dict = dataclasses.field(default_factory=dict)
    label: str = ""

    @property
    def kind(self) -> str:
        """`<profile>` or `<profile>-<label>`."""
        return f"{self.profile}-{self.label}" if self.label else self.profile

    @property
    def name(self) -> str:
        """`NN_name.<profile>[-<label>].<device>`, the file name without `.json`."""
        return f"{self.notebook}.{self.kind}.{self.slug}"

    @property
    def command(self) -> str:
        """The command that makes this record again."""
        words = ["python", "-m", "blogkit", "record", self.notebook.partition("_")[0]]
        words += ["--profile", self.profile]
        for name, value in self.overrides.items():
            words += ["-p", name, value if isinstance(value, str) else json.dumps(value)]
        words += ["--seeds", str(len(self.seeds))] if len(self.seeds) > 1 else []
        words += ["--label", self.label] if self.label else []
        return shlex.join(words)

    def claim(self, id: str) -> Claim | None:
        """The claim `id` as recorded; None if the run had no such claim."""
        return next((claim for claim in self.claims if claim.id == id), None)

    def missing(self, parameters: Collection[str], claims: Collection[str] | None = None) -> str:
        """What this record has and today's notebook no longer has, in words; empty for nothing.

        Args:
            parameters: Names of the notebook's parameters.
            claims: Ids of the notebook's claims; None where they are not known yet.
        """
        gone = {
            "parameter": [name for name in self.parameters if name not in parameters],
            "claim": [] if claims is None else [c.id for c in self.claims if c.id not in claims],
        }
        named = (
            f"{kind}{'s' * (len(names) > 1)} {', '.join(names)}" for kind, names in gone.items() if names
        )
        return ", ".join(named)

    def to_dict(self) -> dict:
        """The content of the file as JSON types, `sha256` included."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        fields["claims"] = [claim.to_dict() for claim in self.claims]
        fields["figures"] = [dataclasses.asdict(figure) for figure in self.figures]
        if not self.label:  # as in the files of before there were labels
            del fields["label"]
        fields = json.loads(json.dumps(fields, allow_nan=False))  # tuples become lists
        return {**fields, "sha256": checksum(fields)}

    @classmethod
    def from_dict(cls, fields: dict) -> "Record":
        """The record whose `to_dict` is in a file.

        Raises:
            ValueError: If the content does not have the checksum that it states, or lacks a field.
        """
        if not isinstance(fields, dict) or fields.get("sha256") != checksum(fields):
            raise ValueError("it was edited by hand: its content does not have its `sha256`")
        known = {name: value for name, value in fields.items() if name != "sha256"}
        known.setdefault("overrides", {})
        known.setdefault("label", "")
        try:
            known = {field.name: known[field.name] for field in dataclasses.fields(cls)}
        except KeyError as error:
            raise ValueError(f"it has no field {error}: another version of blogkit made it") from error
        known["claims"] = tuple(Claim.from_dict(claim) for claim in known["claims"])
        known["figures"] = tuple(RecordedFigure(**figure) for figure in known["figures"])
        return cls(**known)


def checksum(fields: dict) -> str:
    """SHA-256 of the canonical JSON of `fields` without `sha256`; finds edits, but is no signature.

    >>> checksum({"b": 1, "a": 2}) == checksum({"a": 2, "sha256": "any", "b": 1})
    True
    """
    content = {name: value for name, value in fields.items() if name != "sha256"}
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _canonical(content):
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def read_record(path: Path) -> Record:
    """The record at `path`.

    Raises:
        ValueError: If it is not JSON, was edited by hand or carries another record's name. One
            line that names the file and the remedy.
    """
    remedy = "restore it from git, or record the run again with `python -m blogkit record`"
    try:
        text = path.read_text(encoding="utf-8")
        record = Record.from_dict(json.loads(text, object_pairs_hook=_each_name_once))
        if path.name != f"{record.name}.json":
            raise ValueError(f"its content is that of {record.name}.json")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"record {path.name}: {reason}; {remedy}") from error
    return record


def _each_name_once(pairs):
    """A JSON object; of a name that stands twice readers would see one value and programs the other."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("it was edited by hand: a name stands twice in one object")
    return fields


def read_records(folder: Path, notebook: str) -> list[Record]:
    """The records of `notebook` in `folder`, by date; empty if there are none.

    Raises:
        ValueError: As `read_record`.
    """
    paths = [path for path in files_of(folder, notebook) if path.suffix == ".json"]
    return sorted(map(read_record, paths), key=lambda record: (record.date, record.name))


def files_of(folder: Path, notebook: str) -> list[Path]:
    """The files of `folder` whose names start with `notebook` and a dot, whatever is in them."""
    return [path for path in _visible(folder) if _owner(path) == notebook]


def strays(folder: Path, notebooks: Collection[str]) -> list[Path]:
    """The files of `folder` that belong to none of `notebooks`."""
    return [path for path in _visible(folder) if _owner(path) not in notebooks]


def _visible(folder):
    """Hidden names are those of a replacement at work (`blogkit/runner/record_files.py`)."""
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def _owner(path):
    return path.name.partition(".")[0]


def figure_bytes(folder: Path, record: Record, figure: RecordedFigure) -> bytes:
    """The PNG of `figure`.

    Raises:
        ValueError: If the file is missing, too large or not the recorded one. One line that
            names it and the remedy.
    """
    remedy = f"restore it from git, or record again with `{record.command}`"
    try:
        png = (folder / figure.file).read_bytes()
    except OSError as error:
        raise ValueError(f"record {record.name}: {figure.file} is missing; {remedy}") from error
    if hashlib.sha256(png).hexdigest() != figure.sha256:
        raise ValueError(f"record {record.name}: {figure.file} is not the recorded figure; {remedy}")
    if len(png) > LARGEST_PNG:
        raise ValueError(
            f"record {record.name}: {figure.file} has {len(png):,} bytes, more than {LARGEST_PNG:,}; "
            "draw a simpler or smaller figure and record again"
        )
    return png
