"""A font with Chinese letters for matplotlib, which has none of its own."""

import importlib.util
from pathlib import Path


def chinese_font():
    """Noto Sans SC (open font licence) from the package zhplot, for `fontproperties=`.

    Every machine then draws the same letters, whatever fonts it has.

    Raises:
        ModuleNotFoundError: If zhplot is not installed.

    Example:

    >>> chinese_font().get_name()
    'Noto Sans SC'
    """
    from matplotlib.font_manager import FontProperties

    package = importlib.util.find_spec("zhplot")  # only its file: nothing of it need run
    if package is None:
        raise ModuleNotFoundError(
            "Chinese words need a font, and the package zhplot that has one is not installed: "
            "pip install 'blogkit[notebooks]'. Or name a font that your system has."
        )
    return FontProperties(
        fname=Path(package.submodule_search_locations[0]) / "fonts" / "NotoSansSC-Regular.ttf"
    )
