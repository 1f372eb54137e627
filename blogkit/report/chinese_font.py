"""A Chinese font for matplotlib figures."""

import importlib.util
from pathlib import Path


def chinese_font():
    """Noto Sans SC (SIL Open Font License) from the package zhplot, for `fontproperties=`.

    matplotlib brings no Chinese font, and system fonts differ; with this one all machines draw
    the same characters.

    Returns:
        A `matplotlib.font_manager.FontProperties`.

    Raises:
        ModuleNotFoundError: If zhplot is not installed.

    Example:

    >>> chinese_font().get_name()
    'Noto Sans SC'
    """
    from matplotlib.font_manager import FontProperties

    package = importlib.util.find_spec("zhplot")  # found, not imported: only its font file is needed
    if package is None:
        raise ModuleNotFoundError(
            "`chinese_font` needs the package zhplot, which holds the font: "
            "pip install 'blogkit[notebooks]'. Or pass a font of your system to matplotlib."
        )
    return FontProperties(
        fname=Path(package.submodule_search_locations[0]) / "fonts" / "NotoSansSC-Regular.ttf"
    )
