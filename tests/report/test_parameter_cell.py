import math

import pytest

from blogkit.report.parameter_cell import read_parameters

CELL = """\
rate: float = 1.0e-3  # learning rate, more than 0
dim: int = 12  # width, at least 1
heads: int = 4  # heads, divides dim
name: str = "a # b"  # 名字, a name
sizes: list[int] = [1, 2]  # widths, at least 1
fast: bool = False  # leave out the slow part"""


def test_reads_name_type_default_as_it_is_written_and_help():
    found = read_parameters(CELL)
    assert list(found) == ["rate", "dim", "heads", "name", "sizes", "fast"]
    assert [p.default for p in found.values()] == ["1.0e-3", "12", "4", '"a # b"', "[1, 2]", "False"]
    assert (found["name"].type, found["name"].help) == ("str", "名字, a name")
    assert found["sizes"].type == "list[int]"


@pytest.mark.parametrize("source", ["x: int =", "%matplotlib inline", "a = (", "x = 1\n  y = 2"])
def test_a_cell_that_is_not_python_is_refused(source):
    with pytest.raises(ValueError, match="the cell of parameters is not Python"):
        read_parameters(source)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "dim",
            1.5,
            "parameter 'dim' takes int, at least 1, default 12, but the test gives 1.5, which is float.",
        ),
        ("dim", True, "gives True, which is bool"),
        ("dim", "3", "gives '3', which is str"),
        ("rate", "1e-3", "write 1.0e-3"),
        ("rate", math.nan, "gives nan, which is not finite"),
        ("rate", -math.inf, "gives -inf, which is not finite"),
        ("rate", 10**400, "gives inf, which is not finite"),
        ("fast", 0, "gives 0, which is int"),
        ("sizes", [1, 2.0], "gives 2.0, which is float"),
        ("name", "x" * 1000, None),
        ("rate", 3, None),
    ],
)
def test_types(name, value, said):
    parameter = read_parameters(CELL)[name]
    if said is None:
        assert parameter.checked(value, "the test") == value
        return
    with pytest.raises(ValueError) as error:
        parameter.checked(value, "the test")
    assert said in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("dim", 0, "parameter 'dim' takes int, at least 1, default 12, but the test gives 0."),
        ("rate", 0.0, "more than 0, default 1.0e-3, but the test gives 0.0."),
        ("heads", 5, "divides dim, default 4, but the test gives 5 with dim=12."),
        ("sizes", [1, 0], "at least 1, default [1, 2], but the test gives [1, 0]."),
    ],
)
def test_ranges(name, value, said):
    values = {"dim": 12, "rate": 0.1, "heads": 4, "sizes": [1]} | {name: value}
    with pytest.raises(ValueError) as error:
        read_parameters(CELL)[name].check_range(values, "the test")
    assert said in str(error.value)


def test_a_number_too_long_to_print_is_named_by_its_length():
    with pytest.raises(ValueError, match="gives a number of 16,610 bits"):
        read_parameters(CELL)["dim"].check_range({"dim": -(10**5000)}, "the test")
