"""A Chinese font for matplotlib figures."""

import importlib.util
from pathlib import Path

from blogkit.extras import import_extra, missing_extra


def chinese_font():
    """Noto Sans SC (SIL Open Font License) from the package zhplot, for `fontproperties=`.

    matplotlib brings no Chinese font, and system fonts differ; with this one all machines draw
    the same characters.

    Returns:
        A `matplotlib.font_manager.FontProperties`.

    Raises:
        ModuleNotFoundError: Without matplotlib or zhplot, of the extra `figures`.

    Example:

    >>> chinese_font().get_name()
    'Noto Sans SC'
    """
    fonts = import_extra("matplotlib.font_manager", needed_by="chinese_font")
    package = importlib.util.find_spec("zhplot")  # found, not imported: only its font file is needed
    if package is None:
        raise missing_extra("zhplot", "chinese_font", "Or pass a font of your system to matplotlib.")
    return fonts.FontProperties(
        fname=Path(package.submodule_search_locations[0]) / "fonts" / "NotoSansSC-Regular.ttf"
    )
