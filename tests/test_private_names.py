"""Private names of Keras, TensorFlow, JAX and torch stand in blogkit/ops/keras_internals.py only.

Four rules, for every other file of blogkit:
1. An underscore name is read or set on `self`, `cls` or `super()` only, unless the same file defines it:
   `optimizer._track_variable` fails.
2. A class that inherits from Keras neither uses on `self` nor defines an underscore name that one of its
   bases outside blogkit has: `self._losses` in a layer fails. Bases are those of the present backend.
3. `getattr`, `setattr`, `hasattr` and `delattr` with a literal underscore name fail.
4. An import of or from an underscore module of a package, of `keras.src`, or of an underscore name fails.
What it cannot see: a name that is put together at run time, and a method of a base in blogkit that is
used by a class it was not written for.
"""

import ast
import importlib
import inspect
import textwrap
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "blogkit"
INTERNALS = PACKAGE / "ops" / "keras_internals.py"
ON_KERAS = ("ops", "layers", "optimizers", "sampling", "models", "conformance", "gan")
FILES = [path for area in ON_KERAS for path in sorted((PACKAGE / area).rglob("*.py")) if path != INTERNALS]
BUILTINS = ("getattr", "setattr", "hasattr", "delattr")
NAMEDTUPLE = {"_replace", "_fields", "_asdict", "_make"}  # public, in spite of their names


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def is_own(node):
    """Whether `node` is `self`, `cls` or `super()`."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "super"
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def private_names_on_self(tree):
    """Underscore names that a class body defines, or uses on `self`, `cls` or `super()`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and is_own(node.value):
            yield node.attr, node.lineno
        elif isinstance(node, ast.FunctionDef) and is_private(node.name):
            yield node.name, node.lineno
    for node in tree.body:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        yield from ((t.id, t.lineno) for t in targets if isinstance(t, ast.Name) and is_private(t.id))


def defined(tree):
    """Names of the methods of a class and of the attributes that they set on `self`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_own(node.value):
            yield node.attr


def foreign_uses(tree):
    """Faults against rules 1, 3 and 4, as (line, words)."""
    own = {name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for name in defined(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            if not is_own(node.value) and node.attr not in NAMEDTUPLE | own:
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) == "keras.src":
            yield node.lineno, "keras.src"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BUILTINS:
            name = node.args[1] if len(node.args) > 1 else None
            if isinstance(name, ast.Constant) and isinstance(name.value, str) and is_private(name.value):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            base = getattr(node, "module", None) or ""
            if base.partition(".")[0] == "blogkit" or getattr(node, "level", 0):
                continue
            for name in (f"{base}.{alias.name}".lstrip(".") for alias in node.names):
                if any(map(is_private, name.split("."))) or f"{name}.".startswith("keras.src."):
                    yield node.lineno, f"import of {name}"


def own_class(module, name):
    found = getattr(module, name, None)
    return found if inspect.isclass(found) and found.__module__ == module.__name__ else None


def names_of_foreign_bases(cls):
    """Underscore names of all bases of `cls` outside blogkit, those set in their methods included."""
    names = set()
    for base in cls.__mro__[1:]:
        if base.__module__.partition(".")[0] in ("blogkit", "builtins"):
            continue
        names |= {name for name in vars(base) if is_private(name)}
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError):  # written in C
            continue
        names |= {name for name, _ in private_names_on_self(tree.body[0])}
    return names


def shadowing(tree, module):
    """Faults against rule 2, as (line, words)."""
    for node in ast.walk(tree):
        cls = own_class(module, node.name) if isinstance(node, ast.ClassDef) else None
        if cls is None:
            continue
        foreign = names_of_foreign_bases(cls)
        for name, line in private_names_on_self(node):
            if name in foreign:
                yield line, f"{name}, of a base of {node.name}"


def faults(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = importlib.import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))
    for line, words in [*foreign_uses(tree), *shadowing(tree, module)]:
        yield f"{path.relative_to(PACKAGE.parent)}:{line}: {words}"


def test_private_names_stand_in_one_file():
    assert [fault for path in FILES for fault in faults(path)] == []


@pytest.mark.parametrize(
    "code",
    [
        "def build(optimizer, variable):\n    optimizer._track_variable(variable)",
        "layers = model._flatten_layers()",
        "layout = getattr(variable, '_layout', None)",
        "from keras.src import backend",
        "import keras.src.backend",
        "from torch._dynamo import optimize",
        "names = keras.src.utils",
    ],
)
def test_a_foreign_private_name_is_found(code):
    assert list(foreign_uses(ast.parse(code)))


def test_own_private_names_are_free():
    code = "class A:\n    def f(self, row):\n        self._x = row._replace(a=1)\n        return super()._y"
    assert list(foreign_uses(ast.parse(code))) == []


class Layer(importlib.import_module("keras").layers.Layer):
    _own = 0

    @property
    def _losses(self):
        return []

    def call(self, inputs):
        return self._own, self._flatten_layers()


def test_a_private_name_of_a_base_is_found_on_self():
    module = inspect.getmodule(Layer)
    tree = ast.parse(inspect.getsource(module))
    found = {words.partition(",")[0] for _, words in shadowing(tree, module)}
    assert found == {"_losses", "_flatten_layers"}
