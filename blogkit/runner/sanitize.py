"""HTML from a notebook reduced to elements and attributes that load nothing and run nothing."""

import functools
import re

import nh3

TEXT = (
    "a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span "
    "strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
FORMULAS = (
    "math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms "
    "mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover"
)
TAGS = {*TEXT.split(), *FORMULAS.split()}
# Their content is no text for a reader.
REMOVED_WITH_CONTENT = set("script style template noscript noembed noframes iframe object title svg".split())
_ANYWHERE = set("aria-label class dir id lang role style tabindex title".split())
_OF_FORMULAS = set(
    "accent accentunder columnalign columnlines columnspacing depth display displaystyle fence form height "
    "largeop linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize "
    "movablelimits notation rowlines rowspacing rspace scriptlevel separator stretchy symmetric voffset "
    "width".split()
)
ATTRIBUTES = {
    "*": _ANYWHERE,
    **dict.fromkeys(FORMULAS.split(), _OF_FORMULAS),
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "img": {"alt", "height", "src", "width"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
EMBEDDED = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
LINK = re.compile(r"(?:https?|mailto):|[^:/?#]*(?:[/?#]|$)", re.IGNORECASE)  # or an address without a scheme
PROPERTIES = re.compile(
    r"(?:background-|border(?:-[a-z]+)*-)?color|border(?:-[a-z]+)*|(?:max-|min-)?(?:width|height)"
    r"|(?:margin|padding)(?:-[a-z]+)?|font-(?:size|style|weight)|text-(?:align|decoration)"
    r"|justify-items|line-height|vertical-align|white-space"
)
# No quotes, no backslashes, and no functions but those of colours: nothing that could name an address.
VALUE = re.compile(r"(?:[-#.%\w\s]|(?:rgb|hsl)a?\([\d\s.,%/]*\))+", re.ASCII)


def sanitize(html: str, prefix: str) -> str:
    """`html` as a browser would parse it, with what can load, run, send or cover anything left out.

    Kept are text, tables, links, images that are part of the notebook and formulas in MathML. An image
    from elsewhere loses its `src`. Every id starts with `prefix`, so that it is none of the page's own.
    What has been sanitized stays as it is.

    Example:

    >>> sanitize('<!--><meta http-equiv=refresh content="0; url=//x"><b id=a onclick=f()>bold</b>', "01-")
    '<b id="01-a">bold</b>'
    """
    return nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=REMOVED_WITH_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=functools.partial(_attribute, prefix),
        url_schemes={"http", "https", "mailto", "data"},  # `data` for images alone, see `_attribute`
        link_rel=None,
    )


def _attribute(prefix, tag, name, value):
    """What stays of an attribute; None if nothing does."""
    if name == "id":
        return prefix + value.removeprefix(prefix)
    if name == "style":
        return "; ".join(part.strip() for part in value.split(";") if _harmless(part)) or None
    if name == "src":
        return value if EMBEDDED.fullmatch(value) else None
    if name == "href":
        return value if LINK.match(value.strip()) else None
    return value


def _harmless(declaration):
    """Whether a declaration of a style changes how text or a box looks, and names no address."""
    name, _, value = declaration.partition(":")
    return PROPERTIES.fullmatch(name.strip().lower()) and VALUE.fullmatch(value.strip())
