import pytest

from blogkit.runner.parameters import parameters_of, resolve
from blogkit.runner.project import UsageError


@pytest.fixture
def values(clone):
    """Function from name and text to the value that `-p name text` gives."""
    path = clone.add("01_one")
    cell = "seed: int = 0  # of everything, at least 0"
    more = f"{cell}\\ncount: int = 0  # without a range"
    path.write_text(path.read_text("utf-8").replace(cell, more), "utf-8")

    def value(name, text):
        project = clone.project
        return resolve(project.select([]), project, "default", [(name, text)])["01_one"][name]

    return value


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("seed", "3", 3),
        ("count", "-3", -3),
        ("seed", "010", 10),
        ("rate", "1e-3", 0.001),
        ("rate", "3", 3.0),
        ("rate", ".5", 0.5),
        ("fast", "true", True),
        ("fast", "False", False),
        ("dataset", "official", "official"),
        ("dataset", "010", "010"),
        ("dataset", "true", "true"),
        ("dataset", "a: b # {}", "a: b # {}"),
        ("dataset", "", ""),
        ("sizes", "[4, 5]", [4, 5]),
        ("sizes", "[]", []),
    ],
)
def test_text_becomes_the_declared_type(values, name, text, expected):
    value = values(name, text)
    assert value == expected and type(value) is type(expected)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("seed", "1.0"),
        ("seed", "true"),
        ("seed", ""),
        ("seed", "1e3"),
        ("seed", "9" * 5000),
        ("rate", "true"),
        ("rate", "inf"),
        ("rate", "-inf"),
        ("rate", "nan"),
        ("rate", "1e999"),
        ("rate", ""),
        ("fast", "1"),
        ("fast", "'true'"),
        ("fast", ""),
        ("sizes", "1, 2"),
        ("sizes", "[1.5]"),
        ("sizes", "{1: 2}"),
    ],
)
def test_text_of_another_type_is_refused(values, name, text):
    with pytest.raises(UsageError, match=f"parameter '{name}' takes .* but -p gives"):
        values(name, text)


def test_parameters_are_read_with_type_default_and_help(clone):
    found = parameters_of(clone.add("01_one"))
    assert list(found) == ["seed", "rate", "dataset", "sizes", "fast"]
    rate = found["rate"]
    assert (rate.type, rate.default, rate.help) == ("float", "0.1", "learning rate, more than 0")
    assert found["sizes"].type == "list[int]"


def test_each_notebook_takes_what_it_declares_of_a_profile(clone):
    clone.add("01_one")
    clone.add("02_two", parameters="steps: int = 3\nwidths: list[float] = [1.0]\nsome: list = []")
    clone.profile("smoke", "seed: 1\nsteps: 2\nrate: 1\nwidths: [1, 2.5]\nsome: [1, x]")
    project = clone.project
    assert resolve(project.select([]), project, "smoke", []) == {
        "01_one": {"seed": 1, "rate": 1.0},
        "02_two": {"steps": 2, "widths": [1.0, 2.5], "some": [1, "x"]},
    }
    # What only other notebooks know is no mistake when one is selected; the command line wins.
    found = resolve(project.select(["01"]), project, "smoke", [("seed", "5"), ("rate", "2"), ("rate", "4")])
    assert found == {"01_one": {"seed": 5, "rate": 4.0}}
    assert type(found["01_one"]["rate"]) is float


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("seed: true", "True, which is bool"),
        ("rate: 1e-3", "'1e-3', which is str"),
        ("dataset: 5", "5, which is int"),
        ("fast: 0", "0, which is int"),
        ("seed:", "None, which is NoneType"),
        ("sizes: [1, true]", "True, which is bool"),
    ],
)
def test_a_profile_gives_values_of_the_declared_type(clone, line, given):
    clone.add("01_one")
    clone.profile("odd", line)
    project = clone.project
    with pytest.raises(UsageError, match=f"but profile 'odd' gives {given}"):
        resolve(project.select([]), project, "odd", [])


def test_an_empty_profile_and_default_change_nothing(clone):
    clone.add("01_one")
    clone.profile("empty", "# later\n")
    project = clone.project
    assert resolve(project.select([]), project, "empty", []) == {"01_one": {}}
    assert resolve(project.select([]), project, "default", []) == {"01_one": {}}


def test_a_notebook_without_parameters_takes_none(clone):
    clone.add("01_one", parameters="")
    project = clone.project
    with pytest.raises(UsageError, match="Valid: none"):
        resolve(project.select([]), project, "default", [("seed", "1")])
