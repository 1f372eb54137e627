import pytest

from blogkit.report.ranges import read_range

VALUES = {"dim": 12, "batch": 8}


@pytest.mark.parametrize(
    ("help", "allowed", "refused"),
    [
        ("passes over the digits, at least 1", [1, 7], [0, -1]),
        ("more than 0; 1e-5 for BERT", [1e-30, 5], [0, 0.0, -1e-9]),
        ("at most 8", [8, -3], [9]),
        ("rate, at least 0, less than 1", [0, 0.999], [1, -0.1]),
        ("0 to 1", [0, 0.5, 1], [-0.001, 1.001]),
        ("-2.5 to 1e3", [-2.5, 1000], [-2.6, 1001]),
        ("a multiple of 10, at least 10", [10, 30], [15, 0, 5]),
        ("heads, divides dim", [1, 4, 12], [5, 0, 24]),
        ("rows, at least batch, or 0 for all", [8, 9, 0], [7, 1, -1]),
        ("each at least 1", ["1,2,5", "3", "1, 2"], ["", "0", "1,,2", "1,x", "1.5"]),
        (
            "one of: mnist (digits, 28 x 28), fashion_mnist",
            ["mnist", "fashion_mnist"],
            ["", "mnist,", "digits"],
        ),
        ("parts, any of: a, b; the rest is prose", ["", "a", "b,a", "a, b"], ["c", "a,c", "a,"]),
        ("prose alone, 0.25 in the article; or a folder", [0, -1, "x"], []),
        ("", [None, "x", 3], []),
    ],
)
def test_reads_what_the_help_says(help, allowed, refused):
    found = read_range(help)
    assert [value for value in allowed if not found.holds(value, VALUES)] == []
    assert [value for value in refused if found.holds(value, VALUES)] == []


@pytest.mark.parametrize(
    "help",
    [
        "at least",
        "at least one epoch",
        "at most 8 of them",
        "divides",
        "each",
        "each row",
        "or 0",
        "one of",
        "more than -",
    ],
)
def test_a_part_that_begins_like_a_rule_must_be_one(help):
    with pytest.raises(ValueError, match=f"'{help}' is not a rule"):
        read_range(f"prose, {help}; more prose")


def test_the_text_is_the_rules_alone_and_the_names_are_those_of_parameters():
    found = read_range(
        "attention heads, 8 in the article; at least 1, divides dim; or 0 for none, any of: a, b"
    )
    assert found.text == "at least 1, divides dim, or 0 for none, any of: a, b"
    assert found.names == ("dim",)
