"""Parts of a bundle: which wheels fit, what is needed, which data may go along, the archive's bytes."""

import io
import tarfile

import pytest
from packaging.requirements import Requirement

from blogkit.datasets.catalogue import catalogue
from blogkit.runner.bundle.archive import write_archive
from blogkit.runner.bundle.data import choose, is_free
from blogkit.runner.bundle.requirements import BACKEND_WHEELS, FOR_A_SCREEN, Source
from blogkit.runner.bundle.steps import Steps
from blogkit.runner.bundle.target import Target
from blogkit.runner.project import UsageError

LINUX = Target("3.12", "linux-x86_64")
BACKENDS = {"jax", "jaxlib", "tensorflow", "tensorflow-text", "torch"}


@pytest.mark.parametrize(
    "wheel",
    [
        "a-1-py3-none-any.whl",
        "a-1-py2.py3-none-any.whl",
        "a-1-cp312-cp312-manylinux1_x86_64.whl",
        "a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "a-1-cp39-abi3-manylinux2014_x86_64.whl",
        "a-1-7-cp312-cp312-manylinux_2_28_x86_64.whl",
    ],
)
def test_wheels_that_fit(wheel):
    assert LINUX.rank(wheel) is not None


@pytest.mark.parametrize(
    "wheel",
    [
        "a-1-cp311-cp311-manylinux_2_28_x86_64.whl",  # another Python
        "a-1-cp313-abi3-manylinux2014_x86_64.whl",  # the stable interface of a later Python
        "a-1-cp312-cp312t-manylinux_2_28_x86_64.whl",  # without the interpreter lock
        "a-1-cp312-cp312-manylinux_2_34_x86_64.whl",  # a newer glibc
        "a-1-cp312-cp312-musllinux_1_2_x86_64.whl",
        "a-1-cp312-cp312-manylinux_2_28_aarch64.whl",
        "a-1-cp312-cp312-win_amd64.whl",
        "a-1.tar.gz",
    ],
)
def test_wheels_that_do_not_fit(wheel):
    assert LINUX.rank(wheel) is None


def test_compiled_for_this_python_comes_before_the_stable_interface_and_pure_python():
    names = ["cp312-cp312-manylinux_2_28_x86_64", "cp312-cp312-manylinux2014_x86_64"]
    names += ["cp310-abi3-manylinux_2_28_x86_64", "py3-none-any"]
    ranks = [LINUX.rank(f"a-1-{name}.whl") for name in names]
    assert ranks == sorted(ranks) and len(set(ranks)) == len(ranks)


def test_the_oldest_glibc_of_arm_is_the_first_that_has_it():
    arm = Target("3.12", "linux-aarch64")
    assert arm.rank("a-1-cp312-cp312-manylinux2014_aarch64.whl") is not None
    assert not any("manylinux1_" in option or "_2_5_" in option for option in arm.pip_options)


def names_of(lines):
    return {Requirement(line).name for line in lines}


@pytest.fixture
def source(root):
    return Source(root)


@pytest.mark.parametrize("backend", BACKEND_WHEELS)
def test_without_wheels_of_the_backend_no_backend_is_needed(source, backend):
    needs = source.needs(backend, "none")
    assert not names_of(needs.lines) & (BACKENDS | FOR_A_SCREEN)
    assert needs.excluded == {"tensorflow", "tensorflow-text"}


def test_every_line_of_the_extra_notebooks_is_needed_but_for_the_screen(source):
    extras = source.metadata["optional-dependencies"]
    (own,) = (Requirement(line) for line in extras["notebooks"] if line.startswith("blogkit["))
    lines = extras["notebooks"] + sum((extras[name] for name in own.extras), [])
    needs = source.needs("jax", "none")
    assert names_of(lines) - FOR_A_SCREEN - {"blogkit"} < names_of(needs.lines)
    assert {"keras", "numpy", "pip", "tokenizers"} < names_of(needs.lines)
    assert names_of(needs.alone) == {"keras-hub"}


@pytest.mark.parametrize(
    ("backend", "wheels", "line", "tensorflow"),
    [
        ("jax", "cpu", "jax>=0.10", False),
        ("jax", "cuda12", "jax[cuda12]>=0.10", False),
        ("jax", "cuda13", "jax[cuda13]>=0.10", False),
        ("tensorflow", "cpu", "tensorflow>=2.21", True),
        ("tensorflow", "cuda12", "tensorflow[and-cuda]>=2.21", True),
    ],
)
def test_wheels_of_a_backend(source, backend, wheels, line, tensorflow):
    needs = source.needs(backend, wheels)
    assert line in needs.lines
    assert (not needs.excluded) == tensorflow


def test_which_sets_are_passed_on_without_a_question():
    """A new set must be decided on: its licence, and this list."""
    assert {name for name, entry in catalogue().items() if is_free(entry)} == {
        "chinese_bert",
        "fashion_mnist",
        "mnist",
        "multilingual_bert",
    }


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    return tmp_path


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


def test_terms_must_be_accepted(data):
    put(data / "celeba", "imported/arrays.json")
    with pytest.raises(UsageError, match="no redistribution .*--accept-terms"):
        choose(["celeba"])
    (chosen,) = choose(["celeba", "celeba"], accept_terms=True)
    assert [name for name, _ in chosen.members()] == ["celeba/imported/arrays.json"]


def test_what_an_unfinished_download_leaves_stays_here(data):
    put(data / "mnist", "imported/digits.npz", "imported/deep/a.txt", ".lock", "mnist.npz.partial")
    put(data / "mnist", "mnist.npz.bad-0123", ".imported/digits.npz", "work.partial/a.txt")
    (chosen,) = choose(["mnist"])
    assert [name for name, _ in chosen.members()] == [
        "mnist/imported/deep/a.txt",
        "mnist/imported/digits.npz",
    ]
    assert chosen.size == 2


def test_a_damaged_official_file_is_named(data):
    put(data / "mnist", "mnist.npz")
    with pytest.raises(UsageError, match=r"mnist\.npz is not the official mnist\.npz: 1 bytes, expected"):
        choose(["mnist"])


def test_an_archive_depends_on_names_and_contents_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    written = []
    for number in range(2):
        file = tmp_path / f"{number}" / "file"
        file.parent.mkdir()
        file.write_bytes(b"content" * 100_000)
        file.chmod(0o600 + number)
        path = tmp_path / f"{number}.tar"
        members = {"b/file": file, "文.txt": "text"}
        write_archive(
            path, "top", members if number else dict(reversed(members.items())), Steps(io.StringIO())
        )
        written.append(path.read_bytes())
    assert written[0] == written[1]
    with tarfile.open(path) as archive:
        assert archive.getnames() == ["top/b/file", "top/文.txt", "top/SHA256SUMS"]
        assert {(info.mtime, info.uid, info.mode) for info in archive} == {(1580601600, 0, 0o644)}
        assert archive.extractfile("top/b/file").read() == b"content" * 100_000
