"""The comparison as HTML: a page of its own in the look of the report page."""

from markupsafe import Markup

from blogkit.runner.compare.comparison import Comparison
from blogkit.runner.page import environment, policy, style


def comparison_page(comparison: Comparison) -> str:
    """One HTML page that loads nothing."""
    template = environment().get_template("comparison_page.html.j2")
    shown = style()
    return template.render(style=Markup(shown), policy=policy(shown), comparison=comparison)
