"""Every committed record belongs to a notebook; test_contract.py checks what is in it."""

from blogkit.runner.check_records import records_without_notebook
from blogkit.runner.project import Project


def test_every_record_belongs_to_a_notebook(root):
    project = Project(root)
    assert records_without_notebook(project.records, project.all_notebooks()) == []
