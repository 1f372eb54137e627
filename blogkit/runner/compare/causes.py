"""What differs between two runs besides their claims, and what of it can explain a difference."""

import dataclasses
from collections.abc import Iterator

from blogkit.runner.compare.sides import Run

SEED = "seed"
# Packages that draw, run or open a notebook: other versions of them change no value.
COMPUTE_NOTHING = ("matplotlib", "papermill", "nbformat", "nbclient", "jupyterlab", "ipykernel", "zhplot")
BACKENDS = ("tensorflow", "jax", "jaxlib", "torch")
UNKNOWN = "not recorded"
DIRTY = "-dirty"


@dataclasses.dataclass(frozen=True)
class Cause:
    """One fact that differs between the two runs, or that is not recorded.

    Args:
        group: "backend", "device", "system", "commit", "parameter", "seed", "data", "version", or
            "unknown" for a fact that a side does not record.
        name: What differs: `"keras"`, `"steps"`, `"digits, train, rows"`.
        a: The value of A as text.
        b: The value of B as text.
        explains: Whether it can explain a difference.
        note: Why not, or what is not known.
    """

    group: str
    name: str
    a: str
    b: str
    explains: bool = True
    note: str = ""

    @property
    def label(self) -> str:
        """The cause in a few words: `"backend"`, `"parameter steps"`, `"version of keras"`."""
        if self.group in ("parameter", "data"):
            return f"{self.group} {self.name}"
        return f"version of {self.name}" if self.group == "version" else self.name


def causes(a: Run, b: Run) -> list[Cause]:
    """All facts that differ between the runs `a` and `b`, or that one of them does not record."""
    return [*_backend(a, b), *_code(a, b), *_parameters(a, b), *_data(a, b), *_versions(a, b)]


def _backend(a, b):
    for name in ("backend", "device", "system"):
        yield from _fact(name, name, a.environment.get(name), b.environment.get(name))


def _code(a, b):
    """A difference of commit is none of code where both fingerprints, over all sources, are equal."""
    one, other = (run.environment.get("commit") for run in (a, b))
    prints = [run.result.get("fingerprint") for run in (a, b)]
    same_code = bool(prints[0]) and prints[0] == prints[1]
    if not one or not other:
        yield from _fact("commit", "commit", one, other)
    elif one != other:
        note = "the fingerprints, over all sources, are equal" if same_code else ""
        yield Cause("commit", "commit", one, other, not same_code, note)
    elif one.endswith(DIRTY) and not same_code:
        note = "nothing records what was changed"
        yield Cause("commit", "uncommitted changes", one, other, note=note)


def _parameters(a, b):
    one, other = (run.result.get("parameters") for run in (a, b))
    if one is None or other is None:
        yield from _fact("parameter", "parameters", one and "recorded", other and "recorded")
        return
    yield from _seeds(a, b)
    for name in dict.fromkeys([*one, *other]):
        if name == SEED:
            continue
        pair = [repr(values[name]) if name in values else UNKNOWN for values in (one, other)]
        if UNKNOWN in pair:  # a notebook may leave one out that changes no value, such as a folder
            yield Cause("parameter", name, *pair, explains=False, note="recorded on one side")
        elif pair[0] != pair[1]:
            yield Cause("parameter", name, *pair)


def _seeds(a, b):
    """The seed of a single run, or those of `--seeds` and of a record, which list them."""
    found = []
    for run in (a, b):
        one = run.result["parameters"].get(SEED)
        seeds = run.result.get("seeds") or ([] if one is None else [one])
        found.append(", ".join(map(str, seeds)))
    if all(found) and found[0] != found[1]:
        yield Cause("seed", "seed", *found)


def _data(a, b):
    one, other = (run.result.get("data") for run in (a, b))
    if not one or not other:
        if one or other:
            yield from _fact("data", "data", one and "recorded", other and "recorded")
        return
    one, other = dict(_facts_of_data(one)), dict(_facts_of_data(other))
    for name in dict.fromkeys([*one, *other]):
        if one.get(name) != other.get(name):
            yield Cause("data", name, one.get(name, "none"), other.get(name, "none"))


def _facts_of_data(sets) -> Iterator[tuple[str, str]]:
    for part_of in sets:
        for part, facts in (part_of.get("parts") or {}).items():
            for name, value in facts.items():
                text = str(value)
                yield f"{part_of['name']}, {part}, {name}", text[:12] if name == "sha256" else text


def _versions(a, b):
    one, other = (_versions_of(run) for run in (a, b))
    if not one or not other:
        yield from _fact("version", "versions", one and "recorded", other and "recorded")
        return
    used = {run.environment.get("backend") for run in (a, b)}
    for name in dict.fromkeys([*one, *other]):
        versions = one.get(name, "not installed"), other.get(name, "not installed")
        if versions[0] == versions[1]:
            continue
        idle = name in BACKENDS and used != {name.removesuffix("lib")}
        note = "computes nothing" if name in COMPUTE_NOTHING else "not the backend of both" if idle else ""
        yield Cause("version", name, *versions, not note, note)


def _versions_of(run):
    python = run.environment.get("python")
    return ({"python": python} if python else {}) | dict(run.environment.get("versions") or {})


def _fact(group, name, one, other):
    """The cause of one fact: it differs, or a side does not record it."""
    if not one or not other:
        yield Cause("unknown", name, str(one or UNKNOWN), str(other or UNKNOWN), note=UNKNOWN)
    elif one != other:
        yield Cause(group, name, str(one), str(other))
