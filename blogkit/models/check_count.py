"""A size or a count that a model is given, checked."""

import numbers


def check_count(name, value, low):
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < low:
        raise ValueError(f"`{name}` must be a whole number of at least {low}. Received: {name}={value!r}.")
