"""A font with Chinese letters for matplotlib, which has none of its own."""

import importlib.util
from pathlib import Path

from blogkit.extras import import_extra, missing_extra


def chinese_font():
    """Noto Sans SC (open font licence) from the package zhplot, for `fontproperties=`.

    Every machine then draws the same letters, whatever fonts it has.

    Raises:
        ModuleNotFoundError: Without matplotlib or zhplot, of the extra `figures`.

    Example:

    >>> chinese_font().get_name()
    'Noto Sans SC'
    """
    fonts = import_extra("matplotlib.font_manager", needed_by="chinese_font")
    package = importlib.util.find_spec("zhplot")  # only its file: nothing of it need run
    if package is None:
        raise missing_extra("zhplot", "chinese_font", "Or name a font that your system has.")
    return fonts.FontProperties(
        fname=Path(package.submodule_search_locations[0]) / "fonts" / "NotoSansSC-Regular.ttf"
    )
