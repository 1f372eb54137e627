"""Sets that the notebooks read with a profile."""

import difflib
from pathlib import Path

from blogkit.datasets.catalogue import DataSet, catalogue

FOLDER = Path(__file__).parents[1] / "notebooks" / "profiles"


def profile_sets(profile: str) -> list[DataSet]:
    """Sets that the notebooks read with a profile; none if it needs only installed packages.

    Raises:
        ValueError: If there is no such profile; suggests the closest names.

    Example:

    >>> "celeba" in [entry.name for entry in profile_sets("paper")], profile_sets("smoke")
    (True, [])
    """
    known = {path.stem for path in FOLDER.glob("*.yaml")}
    known |= {name for entry in catalogue().values() for name in entry.profiles}
    if profile not in known:
        near = difflib.get_close_matches(profile, known, n=1)
        closest = f"The closest name: {near[0]}." if near else f"There are: {', '.join(sorted(known))}."
        raise ValueError(f"There is no profile {profile!r}. {closest}")
    return [entry for entry in catalogue().values() if profile in entry.profiles]
