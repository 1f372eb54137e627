"""Imports follow the arrows drawn in README.md, those of other packages included."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from blogkit.extras import PACKAGES

PACKAGE = Path(__file__).parents[1] / "blogkit"
# What each area may import besides itself, the standard library and the modules open to all.
OPEN_TO_ALL = {"blogkit.checks", "blogkit.extras", "blogkit.files_read"}
MAY_IMPORT = {
    "__init__": set(),
    "__main__": {"blogkit.runner"},
    "checks": set(),
    "extras": set(),
    "files_read": set(),
    "ops": {"keras", "numpy", "tensorflow", "jax", "torch"},
    "layers": {"blogkit.ops", "keras", "numpy"},
    "optimizers": {"blogkit.ops", "keras", "numpy"},
    "conformance": {"blogkit.ops", "blogkit.optimizers", "keras", "numpy"},
    "sampling": {"blogkit.ops", "keras", "numpy"},
    "gan": {"blogkit.gan_theory", "blogkit.ops", "keras", "numpy"},
    "gan_theory": {"numpy", "scipy"},
    "metrics": {"numpy"},
    "models": {
        "blogkit.layers",
        "blogkit.nlp",
        "blogkit.ops",
        "blogkit.sampling",
        "keras",
        "keras_hub",
        "numpy",
        "safetensors",
    },
    "nlp": {"numpy", "matplotlib", "rapidfuzz"},
    # tensorflow and torch read the checkpoints that only they can read.
    "datasets": {"numpy", "mlxtend", "platformdirs", "PIL", "safetensors", "tensorflow", "torch", "xlrd"},
    "report": {"numpy", "rich", "scipy", "IPython", "matplotlib", "PIL"},
    "runner": {
        "blogkit.datasets",
        "blogkit.report",
        "bs4",
        "distributed",
        "filelock",
        "jinja2",
        "jupyter_core",
        "markupsafe",
        "math_core",
        "mistune",
        "nbclient",
        "nbconvert",
        "nbformat",
        "nh3",
        "packaging",
        "papermill",
        "pygments",
        "rich",
        "rocrate",
        "traitlets",
        "uv",
        "yaml",
    },
}
AREAS = [name for name in MAY_IMPORT if not name.startswith("__")]
ON_KERAS = [area for area in AREAS if "keras" in MAY_IMPORT[area]]
BACKENDS = {"tensorflow", "jax", "torch"}
NOTEBOOK_TOOLS = {"nbclient", "nbconvert", "nbformat", "papermill"}


def imported_names(path):
    """Absolute dotted names of everything `path` imports, at any depth, by statement or `import_extra`."""
    package = path.relative_to(PACKAGE.parent).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*base, *([node.module] if node.module else [])))
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_extra":
            yield node.args[0].value


def broken_arrows(path):
    owner = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    allowed = MAY_IMPORT.get(owner, set()) | OPEN_TO_ALL | {f"blogkit.{owner}"}
    for name in imported_names(path):
        # `import blogkit` alone gives a docstring and a version.
        free = name == "blogkit" or name.partition(".")[0] in sys.stdlib_module_names
        if not free and not any(f"{name}.".startswith(f"{a}.") for a in allowed):
            yield f"{path.relative_to(PACKAGE)} imports {name}"


def test_modules_import_only_along_the_arrows():
    assert [fault for path in sorted(PACKAGE.rglob("*.py")) for fault in broken_arrows(path)] == []


def test_data_download_imports_the_readers_alone():
    """blogkit never imports it: no area above may."""
    names = {
        name for path in (PACKAGE.parent / "data_download").rglob("*.py") for name in imported_names(path)
    }
    ours = {name for name in names if name.startswith("blogkit")}
    allowed = tuple(f"{name}." for name in {"blogkit.datasets"} | OPEN_TO_ALL)
    assert ours and all(f"{name}.".startswith(allowed) for name in ours)


def test_every_area_has_its_arrows_and_is_not_empty():
    areas = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert areas == set(MAY_IMPORT)


def test_the_docstring_of_an_area_names_the_areas_below_it():
    for area, allowed in MAY_IMPORT.items():
        path = PACKAGE / area / "__init__.py"
        tier = re.search(r"^(?:Keras|NumPy) tier.*", path.read_text("utf-8") if path.exists() else "", re.M)
        if tier:
            named = set(re.findall(r"blogkit\.\w+", tier[0]))
            assert named == {name for name in allowed if name.startswith("blogkit.")}, area


@pytest.mark.parametrize("area", AREAS)
def test_importing_an_area_loads_nothing_it_does_not_need(area):
    """A user who wants one layer pays for nothing else."""
    code = (
        "import os, sys\n"
        # keras itself loads matplotlib and IPython where they are installed
        f"{'import keras' if area in ON_KERAS else ''}\n"
        "before = set(sys.modules)\n"
        f"import blogkit.{area}\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    ).stdout.split()
    unneeded = {"tensorflow", "torch"} if area in ON_KERAS else {"keras"} | BACKENDS
    assert not (unneeded | NOTEBOOK_TOOLS | set(PACKAGES)) & set(loaded)


def test_jax_users_never_load_tensorflow():
    areas = ", ".join(f"blogkit.{area}" for area in ON_KERAS)
    code = f"import sys, {areas}; sys.exit('tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "KERAS_BACKEND": "jax"}, check=False
    )
    assert done.returncode == 0
