"""Working files and folders that replace whatever has their name, and never follow a link."""

import shutil
from pathlib import Path


def removed(path: Path) -> Path:
    """Remove a file, a folder, or a link without what it leads to; returns the path."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
    return path


def fresh_folder(path: Path) -> Path:
    """An empty folder in place of whatever has its name."""
    removed(path).mkdir(parents=True)
    return path


def without_link(path: Path) -> Path:
    """Remove a link, keep a file: for what an earlier call may have left."""
    if path.is_symlink():
        path.unlink()
    return path
