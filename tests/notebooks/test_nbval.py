"""Every notebook, run again on its defaults, still finds what it says."""

from every_notebook import EVERY_NOTEBOOK, run


@EVERY_NOTEBOOK
def test_nbval_finds_the_committed_verdicts_again(notebook, tmp_path):
    empty = tmp_path / "pytest.ini"  # the library's pytest settings are not meant for notebooks
    empty.write_text("[pytest]\n")
    done = run(
        "pytest",
        "-q",
        "-c",
        empty,
        "-p",
        "no:cacheprovider",
        "--nbval-lax",
        "--nbval-current-env",
        notebook,
        cwd=tmp_path,
        KERAS_BACKEND="tensorflow",
    )
    assert done.returncode == 0, done.stdout[-3000:]
