"""Every notebook runs headless from another folder with JAX."""

from every_notebook import EVERY_NOTEBOOK, check_smoke_run


@EVERY_NOTEBOOK
def test_runs_the_smoke_profile(notebook, tmp_path):
    check_smoke_run(notebook, "jax", tmp_path)
