"""A clone and a package index in two folders: tiny packages that resolve, download and install offline."""

import ensurepip
import io
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
COMPILED = f"cp{HERE.replace('.', '')}-cp{HERE.replace('.', '')}-manylinux_2_17_x86_64"

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "blogkit"
version = "0.1"
requires-python = ">=3.11,<3.14"
dependencies = ["zzq-core>=1"]

[project.optional-dependencies]
jax = ["jax>=0.10"]
tensorflow = ["tensorflow>=2.21"]
gpu = ["tensorflow[and-cuda]>=2.21"]
nlp = ["zzq-compiled"]
notebooks = ["blogkit[nlp]", "jupyterlab>=4.6", "nbval", "zzq-source"]
bert = ["keras-hub>=0.32"]
bert-parts = ["zzq-part"]
bundle = ["pip>=20", "uv>=0.13"]
"""

# A build backend without requirements: it packs one module.
BACKEND = """\
import pathlib, tomllib, zipfile

PROJECT = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
NAME, VERSION = PROJECT["name"].replace("-", "_"), PROJECT["version"]
META = f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n"


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(folder, config_settings=None):
    info = pathlib.Path(folder, f"{{NAME}}-{{VERSION}}.dist-info")
    info.mkdir()
    (info / "METADATA").write_text(META)
    return info.name


def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = f"{{NAME}}-{{VERSION}}-{tag}.whl"
    info = f"{{NAME}}-{{VERSION}}.dist-info"
    entries = {{f"{{NAME}}.py": "", f"{{info}}/METADATA": META, f"{{info}}/RECORD": "",
               f"{{info}}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: {tag}\\n"}}
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as archive:
        for entry, text in entries.items():
            archive.writestr(zipfile.ZipInfo(entry, (2020, 1, 1, 0, 0, 0)), text)
    return name
"""

JAX = "__version__ = '0.10'\ndef devices():\n    return ['pretended:0']\n"


def wheel(folder: Path, name: str, version="1.0", tag="py3-none-any", requires=(), code="") -> Path:
    """Write a wheel of one module."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
    path = folder / f"{module}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{module}.py", code)
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
        )
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def source(folder: Path, name: str, version="1.0", tag="py3-none-any") -> Path:
    """Write a source archive, whose own backend builds a wheel with `tag`."""
    top = f"{name.replace('-', '_')}-{version}"
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        f'[project]\nname = "{name}"\nversion = "{version}"\n',
        "backend.py": BACKEND.format(tag=tag),
        "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n",
    }
    path = folder / f"{top}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file, text in files.items():
            info = tarfile.TarInfo(f"{top}/{file}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def fill(index: Path) -> None:
    """Every package that the clone of `write_clone` needs on this Python, jax included; no TensorFlow."""
    index.mkdir()
    wheel(index, "zzq-core", "1.5")
    wheel(index, "zzq-core", "2.0")  # constraints.txt says 1.5
    wheel(index, "zzq-compiled", tag=COMPILED)
    source(index, "zzq-source")
    wheel(index, "zzq-part", requires=["zzq-old; python_version < '3'"])
    wheel(index, "keras-hub", "0.32", requires=["zzq-core", "zzq-part", "tensorflow-text"])
    wheel(index, "jax", "0.10", requires=["zzq-core"], code=JAX)
    (index / pip_wheel().name).write_bytes(pip_wheel().read_bytes())


def pip_wheel() -> Path:
    """The wheel of pip that comes with Python; skips the test where a distribution has moved it."""
    found = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    if not found:
        pytest.skip("this Python comes without a wheel of pip")
    return found[0]


def write_clone(root: Path) -> None:
    """Add to a folder what makes it a clone that a bundle is made from."""
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND.format(tag="py3-none-any"))
    (root / "constraints.txt").write_text("zzq-core==1.5\nzzq-source==1.0\n")


def use_only(index: Path, monkeypatch) -> None:
    """Let uv and pip see this index alone."""
    config = index.parent / "uv.toml"
    config.write_text(f'no-index = true\nfind-links = ["{index}"]\n')
    monkeypatch.setenv("UV_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
