"""Profiles: every name and type fits the notebooks, and every notebook takes something of the long ones."""

import pytest

from blogkit.runner.parameters import read_profile, resolve
from blogkit.runner.project import Project


@pytest.mark.parametrize("profile", ["smoke", "evening", "gpu", "paper"])
def test_fits_the_notebooks(root, profile):
    project = Project(root)
    values = resolve(project.all_notebooks(), project, profile, [])
    assert {name for given in values.values() for name in given} == set(read_profile(project, profile))


@pytest.mark.parametrize("profile", ["evening", "gpu"])
def test_gives_every_notebook_a_size_of_its_own(root, profile):
    project = Project(root)
    for name, given in resolve(project.all_notebooks(), project, profile, []).items():
        assert set(given) - {"dataset", "train_rows"}, name
        assert given["dataset"] == "embedded"
