"""Optional packages: imported where they are used, with one error that names the extra to install."""

import importlib
import warnings
from types import ModuleType

# Module -> (package, extra of pyproject.toml that installs it).
PACKAGES = {
    "IPython": ("ipython", "notebooks"),
    "PIL": ("pillow", "data"),
    "distributed": ("distributed", "cluster"),
    "keras_hub": ("keras-hub", "bert"),
    "matplotlib": ("matplotlib", "figures"),
    "mlxtend": ("mlxtend", "embedded"),
    "pip": ("pip", "bundle"),
    "platformdirs": ("platformdirs", "data"),
    "rapidfuzz": ("rapidfuzz", "nlp"),
    "rocrate": ("rocrate", "crate"),
    "safetensors": ("safetensors", "data"),
    "scipy": ("scipy", "theory"),
    "skimage": ("scikit-image", "embedded"),
    "sklearn": ("scikit-learn", "embedded"),
    "snownlp": ("snownlp", "embedded"),
    "uv": ("uv", "bundle"),
    "xlrd": ("xlrd", "data"),
    "zhplot": ("zhplot", "figures"),
}


def import_extra(module: str, needed_by: str, otherwise: str = "") -> ModuleType:
    """Import an optional module inside the function that needs it.

    Args:
        module: Dotted name of the module; its package must stand in `PACKAGES`.
        needed_by: What the user called, for the error.
        otherwise: Another remedy, a sentence for the end of the error.

    Raises:
        ModuleNotFoundError: If the package is not installed. An error inside an installed package
            passes unchanged.

    Example:

    >>> import_extra("scipy.integrate", needed_by="flow").__name__
    'scipy.integrate'
    """
    try:
        with warnings.catch_warnings():  # keras-hub brings tqdm, which asks a notebook for widgets
            warnings.filterwarnings("ignore", message="IProgress not found")
            return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if _package(error.name) != _package(module):
            raise
        raise missing_extra(module, needed_by, otherwise) from error


def missing_extra(module: str, needed_by: str, otherwise: str = "") -> ModuleNotFoundError:
    """The error for an optional package that is not installed.

    Example:

    >>> print(missing_extra("rapidfuzz.distance", needed_by="closest_text"))
    `closest_text` needs rapidfuzz. Install it with: pip install 'blogkit[nlp]' (in a clone: '.[nlp]').
    """
    package, extra = PACKAGES[_package(module)]
    text = f"`{needed_by}` needs {package}. {install_command(extra)}{otherwise and ' '}{otherwise}"
    return ModuleNotFoundError(text, name=_package(module))


def install_command(extra: str) -> str:
    """The sentence that says how to install an extra, with or without a clone of the repository."""
    return f"Install it with: pip install 'blogkit[{extra}]' (in a clone: '.[{extra}]')."


def _package(module):
    return (module or "").partition(".")[0]
