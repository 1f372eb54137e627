"""Bundles of tiny packages: built, unpacked and installed offline. Bad orders take one line."""

import dataclasses
import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile

import fake_index
import pytest
from fake_index import HERE

from blogkit.runner.bundle import resolve
from blogkit.runner.bundle.target import running_platform

pytestmark = pytest.mark.skipif(
    running_platform() != "linux-x86_64", reason="the index has wheels for Linux on x86-64"
)
CPU = ("--backend", "jax", "--backend-wheels", "cpu")


@pytest.fixture
def index(tmp_path, monkeypatch):
    """The only index that uv and pip see."""
    folder = tmp_path / "index"
    fake_index.fill(folder)
    fake_index.use_only(folder, monkeypatch)
    return folder


@pytest.fixture
def clone(clone, index, monkeypatch):
    """A clone with two notebooks, and an empty data folder."""
    fake_index.write_clone(clone.root)
    clone.add("01_one")
    clone.add("02_two")
    clone.profile("smoke", "seed: 1\n")
    (clone.root / "notebooks/.ipynb_checkpoints").mkdir()
    (clone.root / "notebooks/.ipynb_checkpoints/01_one.ipynb").write_text("{}")
    monkeypatch.setenv("BLOGKIT_DATA", str(clone.root.parent / "data"))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    return clone


@pytest.fixture
def output(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "my bundle.tar"


def unpack(path, folder):
    with tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")
    return folder / "blogkit-bundle"


def install(bundle, python=sys.executable):
    """Run install.py, with settings of pip that would mislead it."""
    env = os.environ | {"PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_REQUIRE_HASHES": "1"}
    return subprocess.run(
        [python, bundle / "install.py"], cwd="/", env=env, capture_output=True, text=True, check=False
    )


def installed(bundle):
    code = "from importlib.metadata import distributions as d; print(*sorted(x.name for x in d()))"
    done = subprocess.run(
        [bundle / ".venv/bin/python", "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_a_bundle_installs_offline_and_says_how(clone, blogkit, output, tmp_path):
    code, out, err = blogkit("bundle", *CPU, "--profile", "smoke", "-o", output, "01")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == (
        f"tar -xf 'my bundle.tar' && cd blogkit-bundle && python{HERE} install.py && "
        "KERAS_BACKEND=jax .venv/bin/python -m blogkit run --profile smoke 01_one"
    )
    assert [path.name for path in output.parent.iterdir()] == [output.name]  # no temporary folder is left
    bundle = unpack(output, tmp_path / "machine")
    names = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    wheels = {name.removeprefix("wheels/") for name in names if name.startswith("wheels/")}
    assert wheels == {
        "blogkit-0.1-py3-none-any.whl",
        "jax-0.10-py3-none-any.whl",
        "keras_hub-0.32-py3-none-any.whl",
        fake_index.pip_wheel().name,
        f"zzq_compiled-1.0-{fake_index.COMPILED}.whl",
        "zzq_core-1.5-py3-none-any.whl",
        "zzq_part-1.0-py3-none-any.whl",
        "zzq_source-1.0-py3-none-any.whl",
    }
    notebooks = {"notebooks/01_one.ipynb", "notebooks/02_two.ipynb", "notebooks/profiles/smoke.yaml"}
    texts = {"README.txt", "SHA256SUMS", "alone.txt", "bundle.json", "constraints.txt", "install.py"}
    assert names == notebooks | texts | {"requirements.txt"} | {f"wheels/{name}" for name in wheels}
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=bundle, check=True)

    done = install(bundle)
    assert done.returncode == 0, done.stderr
    assert "jax 0.10 on pretended:0" in done.stdout
    assert installed(bundle) == sorted(
        "blogkit jax keras-hub pip zzq-compiled zzq-core zzq-part zzq_source".split()
    )
    assert install(bundle).stdout == "Already installed in .venv.\n"


def test_the_same_order_gives_the_same_bytes(clone, blogkit, output):
    assert blogkit("bundle", *CPU, "-o", output)[0] == 0
    first = output.read_bytes()
    assert blogkit("bundle", *CPU, "-o", output, "--force")[0] == 0
    assert output.read_bytes() == first


def test_data_goes_along_and_the_command_says_where_it_is(clone, blogkit, output, tmp_path):
    digits = clone.root.parent / "data/mnist/imported/digits.npz"
    digits.parent.mkdir(parents=True)
    digits.write_bytes(b"digits")
    code, out, _ = blogkit("bundle", *CPU, "-o", output, "--data", "mnist")
    assert code == 0
    assert 'KERAS_BACKEND=jax BLOGKIT_DATA="$PWD/data" .venv/bin/python -m blogkit run' in out
    assert "data: mnist, 0.0 MB: CC BY-SA 3.0" in out
    bundle = unpack(output, tmp_path / "machine")
    assert (bundle / "data/mnist/imported/digits.npz").read_bytes() == b"digits"
    assert "data/mnist/imported/digits.npz" in (bundle / "SHA256SUMS").read_text()
    (bundle / "data/mnist/imported/digits.npz").write_bytes(b"digit")
    assert "data/mnist/imported/digits.npz is damaged" in install(bundle).stderr


def test_the_machines_own_backend_is_used_and_its_packages_stay(clone, blogkit, output, tmp_path):
    """The machine's Python is itself an environment, with jax and another version of the core package."""
    assert blogkit("bundle", "--backend", "jax", "-o", output)[0] == 0
    bundle = unpack(output, tmp_path / "machine")
    assert not list((bundle / "wheels").glob("jax*"))
    assert "zzq-core>=1\n" in (bundle / "requirements.txt").read_text()
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    zipfile.ZipFile(fake_index.wheel(tmp_path, "zzq-core", "3.0")).extractall(packages)
    zipfile.ZipFile(fake_index.wheel(tmp_path, "jax", code=fake_index.JAX)).extractall(packages)
    done = install(bundle, python=environment / "bin" / "python")
    assert done.returncode == 0, done.stderr
    assert "jax 0.10 on pretended:0" in done.stdout
    code = "from importlib.metadata import version as v; print(v('zzq-core'), v('keras-hub'), v('blogkit'))"
    found = subprocess.run([bundle / ".venv/bin/python", "-c", code], capture_output=True, text=True)
    assert found.stdout == "3.0 0.32 0.1\n"


def test_install_refuses_another_machine_and_damaged_files(clone, blogkit, output, tmp_path):
    assert blogkit("bundle", "--backend", "torch", "-o", output)[0] == 0
    bundle = unpack(output, tmp_path / "machine")
    settings = json.loads((bundle / "bundle.json").read_text())

    def refusal(**changes):
        (bundle / "bundle.json").write_text(json.dumps(settings | changes))
        done = install(bundle)
        assert (done.returncode, done.stdout) == (2, "") and done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    assert "is for Python 3.9 on linux-x86_64. Received: Python 3." in refusal(python="3.9")
    assert "Run it with python3.9" in refusal(python="3.9")
    assert "is for Python" in refusal(platform="linux-aarch64")
    assert "need glibc 9.0 or newer. Received: glibc 2." in refusal(glibc=[9, 0])
    assert "has no no_backend" in refusal(backend="no_backend")
    wheel = next((bundle / "wheels").glob("zzq_core*"))
    wheel.write_bytes(wheel.read_bytes() + b"0")
    assert f"wheels/{wheel.name} is damaged" in refusal(own_backend=False)
    wheel.unlink()
    assert f"wheels/{wheel.name} cannot be read" in refusal(own_backend=False)
    assert not (bundle / ".venv").exists()


def test_a_broken_installation_is_started_again(clone, blogkit, output, tmp_path):
    assert blogkit("bundle", *CPU, "-o", output)[0] == 0
    bundle = unpack(output, tmp_path / "machine")
    (bundle / ".venv" / "lib").mkdir(parents=True)
    (bundle / ".venv" / "lib" / "left").write_text("by a killed installation")
    assert install(bundle).returncode == 0
    assert not (bundle / ".venv" / "lib" / "left").exists()


def refused(blogkit, output, *arguments, words):
    """The command takes one line to refuse, with these words, and writes nothing."""
    options = () if "-o" in arguments else ("-o", output)
    code, out, err = blogkit("bundle", *arguments, *options)
    assert code == 2, out
    assert err.startswith("blogkit: ") and err.count("\n") == 1, err
    for word in words:
        assert word in err
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--backend", "theano"], ["backend 'theano'", "jax, tensorflow, torch"]),
        (["--backend", "torch", "--backend-wheels", "cpu"], ["of torch must be none", "Received: cpu"]),
        (["--backend", "tensorflow", "--backend-wheels", "cuda13"], ["none or cpu or cuda12"]),
        (["--python", "3.14"], ["--python must satisfy >=3.11,<3.14. Received: 3.14."]),
        (["--python", "three"], ["--python must be a version such as 3.12. Received: three."]),
        (["--platform", "linux-x86"], ["platform 'linux-x86'", "Did you mean 'linux-x86_64'?"]),
        (["--profile", "smok"], ["profile 'smok'", "Did you mean 'smoke'?"]),
        (["03"], ["notebook '03'", "01_one, 02_two"]),
        (["--data", "mnits"], ["no data set 'mnits'", "mnist"]),
        (["--data", "mnist"], ["MNIST is not in", "python -m data_download get mnist"]),
        (["--data", "mnist", "01"], ["MNIST is not in"]),
        (["-o", "bundle.zip"], ["-o must end in .tar. Received: bundle.zip."]),
        (["-o", "no-such-folder/bundle.tar"], ["no folder no-such-folder"]),
        (
            [*CPU, "--platform", "linux-aarch64"],
            ["zzq-compiled 1.0 has no wheel for Python", "linux-aarch64."],
        ),
        (["--backend", "tensorflow", "--backend-wheels", "cpu"], ["uv finds no packages for", "tensorflow"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_orders_take_one_line_and_write_nothing(clone, blogkit, output, arguments, words):
    refused(blogkit, output, *arguments, words=words)


def test_a_source_is_built_only_where_no_wheel_exists_for_any_machine(clone, blogkit, output, index):
    """Compiling it here would make a wheel for this machine."""
    fake_index.wheel(index, "zzq-source", tag="py3-none-manylinux_2_17_aarch64")
    refused(blogkit, output, *CPU, words=["zzq-source 1.0 has no wheel for Python"])


def test_a_source_that_compiles_for_this_machine_alone_is_refused(clone, blogkit, output, index):
    (index / "zzq_source-1.0.tar.gz").unlink()
    fake_index.source(index, "zzq-source", tag="py3-none-linux_x86_64")
    refused(blogkit, output, *CPU, words=["zzq_source-1.0-py3-none-linux_x86_64.whl", "this machine"])


def test_an_existing_file_stays(clone, blogkit, output):
    output.write_text("before")
    code, _, err = blogkit("bundle", *CPU, "-o", output)
    assert (code, err.count("\n")) == (2, 1) and "exists. Name another file with -o, or add --force." in err
    assert output.read_text() == "before"


def test_a_full_disk_is_found_before_the_download(clone, blogkit, output, monkeypatch):
    usage = shutil.disk_usage(output.parent)._replace(free=5_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    refused(blogkit, output, *CPU, words=["needs 100 MB of disk in", "5.0 MB are free"])


def test_a_clone_without_pyproject_is_named(clone, blogkit, output):
    (clone.root / "pyproject.toml").unlink()
    refused(blogkit, output, *CPU, words=["no file", "pyproject.toml", "Pass --root CLONE."])


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_missing_tool_names_its_extra(clone, blogkit, output, monkeypatch, tool):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == tool else find(name, *rest)
    )
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setitem(sys.modules, tool, None)
    refused(blogkit, output, *CPU, words=[f"needs {tool}.", "pip install 'blogkit[bundle]'"])


def test_a_wheel_that_is_not_what_the_index_announces_is_refused(clone, blogkit, output, monkeypatch):
    real = resolve._files

    def announced(entry, files):
        for package in real(entry, files):
            wrong = package.name == "zzq-core"
            yield dataclasses.replace(package, sha256="0" * 64) if wrong else package

    monkeypatch.setattr(resolve, "_files", announced)
    refused(blogkit, output, *CPU, words=["pip download failed", "HASHES", "zzq-core"])


def test_an_interrupt_leaves_nothing(clone, blogkit, output, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    module = importlib.import_module("blogkit.runner.bundle.pack")  # the package has a function of its name
    monkeypatch.setattr(module, "write_archive", interrupted)
    code, _, err = blogkit("bundle", *CPU, "-o", output)
    assert (code, err) == (130, "blogkit: interrupted. Nothing is written.\n")
    assert list(output.parent.iterdir()) == []
