"""A process in which only the named packages, and what these require, seem to be installed.

Run as a script: `python core_installation.py BACKEND MODULE [ARGUMENTS]` runs MODULE as `python -m` does.
"""

import runpy
import sys
from importlib import metadata
from importlib.machinery import PathFinder

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def required(*names):
    """The distributions of these names and all that they require here, without extras."""
    found, waiting = set(), list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            lines = metadata.requires(name) or ()
        except metadata.PackageNotFoundError:  # not required on this platform
            continue
        found.add(name)
        needs = map(Requirement, lines)
        waiting += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


class OnlyTheseFinder:
    """Takes the place of `PathFinder` and finds no module and no metadata of other distributions."""

    def __init__(self, distributions):
        self.kept = distributions
        self.absent = {
            module
            for module, owners in metadata.packages_distributions().items()
            if not self.kept & set(map(canonicalize_name, owners))
        } - {"blogkit"}

    def find_spec(self, name, path=None, target=None):
        hidden = name.partition(".")[0] in self.absent
        return None if hidden else PathFinder.find_spec(name, path, target)

    def find_distributions(self, *context):
        for found in PathFinder.find_distributions(*context):
            if canonicalize_name(found.metadata["Name"]) in self.kept:
                yield found

    def invalidate_caches(self):
        PathFinder.invalidate_caches()


def hide_all_but_core(backend):
    """Leave keras, numpy, the backend and what they require."""
    finder = OnlyTheseFinder(required("keras", "numpy", backend))
    sys.meta_path[sys.meta_path.index(PathFinder)] = finder
    return finder


def hide(finder, modules):
    """Hide more modules, those that something has imported already included."""
    finder.absent |= set(modules)
    for name in list(sys.modules):
        if name.partition(".")[0] in finder.absent:
            del sys.modules[name]


if __name__ == "__main__":
    backend, module, *arguments = sys.argv[1:]
    hide_all_but_core(backend)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
