"""The font that draws Chinese words in figures."""

import io

import pytest

from blogkit.report import chinese_font


def draw(**font):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    text = figure.add_subplot().text(0.5, 0.5, "苹果的颜色", **font)
    figure.savefig(io.BytesIO())
    return text


def test_it_has_the_letters():
    """matplotlib warns of every glyph that a font lacks, and warnings are errors here."""
    assert draw(fontproperties=chinese_font()).get_fontname() == "Noto Sans SC"
    with pytest.warns(UserWarning, match="Glyph .* missing"):
        draw(fontfamily="DejaVu Sans")


def test_without_the_package_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install 'blogkit"):
        chinese_font()
