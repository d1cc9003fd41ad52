"""What the HTML standard asks of elements beyond syntax: which there are, what may stand in what, and what each needs."""

from __future__ import annotations

from collections.abc import Iterator

from core.websites.documents import Document, Element


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PHRASING = _words("""
    a abbr area audio b bdi bdo br button canvas cite code data datalist del dfn em embed i iframe img input ins
    kbd label link map mark meta meter noscript object output picture progress q ruby s samp script select
    slot small source span strong sub sup template textarea time u var video wbr svg:svg math:math param track
    option optgroup rt rp
""")
_FLOW = _words("""
    address article aside blockquote details dialog div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header
    hgroup hr main menu nav ol p pre search section table ul
""")
_STRUCTURE = _words("""
    html head body title base style li dt dd dl figcaption legend summary caption colgroup col tbody thead tfoot
    tr td th
""")
_KNOWN = _PHRASING | _FLOW | _STRUCTURE
_ONLY_PHRASING = _words("""
    p h1 h2 h3 h4 h5 h6 pre span em strong small s cite q dfn abbr code var samp kbd sub sup i b u mark bdi bdo
    button label summary time data output progress meter rt
""")
_INTERACTIVE = _words("""
    a button details embed iframe label select textarea
""")
_CHILDREN = {
    "ul": {"li"}, "ol": {"li"}, "menu": {"li"}, "dl": {"dt", "dd", "div"}, "tr": {"td", "th"},
    "thead": {"tr"}, "tbody": {"tr"}, "tfoot": {"tr"}, "picture": {"source", "img"},
    "select": {"option", "optgroup", "hr", "button"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot", "tr"}, "optgroup": {"option"},
}  # fmt: skip
_PARENTS = {
    "li": {"ul", "ol", "menu"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "figcaption": {"figure"}, "legend": {"fieldset"},
    "summary": {"details"}, "source": {"picture", "audio", "video"},
}  # fmt: skip
_ANYWHERE = frozenset({"script", "template"})
_NEEDED = {
    "img": ("src", "alt"), "script": (), "meta": (), "link": ("rel", "href"), "source": (), "iframe": ("title",),
    "area": ("alt",), "track": ("src",), "html": ("lang",),
}  # fmt: skip
_OLD = frozenset(
    {"align", "bgcolor", "border", "cellpadding", "cellspacing", "valign", "hspace", "vspace", "background"}
)
_POINTS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget", "headers", "list", "form")
_LABELABLE = frozenset({"button", "input", "meter", "output", "progress", "select", "textarea"})
_INPUTS = _words("""
    text email tel url search number date time month week datetime-local password checkbox radio file hidden
    submit reset button color range image
""")


def faults_of(document: Document) -> Iterator[tuple[int, str]]:
    """Line and sentence of each; syntax is the parser's to tell."""
    yield from _of_page(document)
    for one in document.elements:
        if one.tag.startswith(("svg:", "math:")):
            continue
        if one.tag not in _KNOWN and "-" not in one.tag:
            yield one.line, f"<{one.tag}> is no element of HTML"
        yield from _attributes(one)
        yield from _nesting(one)
        yield from _pointers(one, document)


def _of_page(document: Document) -> Iterator[tuple[int, str]]:
    titles = [one for one in document.all("title") if one.parent is not None and one.parent.tag == "head"]
    if len(titles) != 1 or not titles[0].own_text.strip():
        yield 1, "it needs one <title> that says something"
    headings = list(document.all("h1"))
    if len(headings) != 1:
        yield headings[1].line if len(headings) > 1 else 1, f"it has {len(headings)} <h1> instead of one"
    elif not (headings[0].text() or any(one.get("alt") for one in headings[0].below())):
        yield headings[0].line, "its <h1> is empty"
    mains = [one for one in document.all("main") if "hidden" not in one.attributes]
    if len(mains) > 1:
        yield mains[1].line, f"it has {len(mains)} visible <main> instead of one"
    if not any("charset" in one.attributes for one in document.all("meta")):
        yield 1, "it does not say its encoding: <meta charset> is missing"
    for name, times in document.ids.items():
        if times > 1:
            again = [one.line for one in document.elements if one.attributes.get("id") == name]
            yield again[1], f"the id “{name[:60]}” is there {times} times"
        if not name or any(letter.isspace() for letter in name):
            yield 1, f"the id “{name[:60]}” is empty or has a space"


def _attributes(one: Element) -> Iterator[tuple[int, str]]:
    for name in _NEEDED.get(one.tag, ()):
        if name not in one.attributes or (name in ("src", "href", "lang", "rel") and not one.get(name).strip()):
            yield one.line, f"<{one.tag}> has no {name}"
    for name in _OLD & set(one.attributes):
        yield one.line, f"{name} on <{one.tag}> is no longer part of HTML"
    if one.tag in ("img", "video", "source", "canvas", "iframe"):
        for name in ("width", "height"):
            if name in one.attributes and not one.get(name).isdigit():
                yield one.line, f"{name} of <{one.tag}> is “{one.get(name)[:20]}”, not a number of pixels"
    if one.tag == "input" and one.get("type").lower() not in _INPUTS | {""}:
        yield one.line, f"“{one.get('type')[:30]}” is no type of <input>"
    if (
        one.tag == "meta"
        and "name" not in one.attributes
        and not ({"charset", "http-equiv", "property", "itemprop"} & set(one.attributes))
    ):
        yield one.line, "<meta> says neither name nor charset"
    if one.tag == "button" and one.get("type").lower() not in ("", "submit", "button", "reset"):
        yield one.line, f"“{one.get('type')[:30]}” is no type of <button>"


def _nesting(one: Element) -> Iterator[tuple[int, str]]:
    parent = one.parent
    if parent is None or parent.tag.startswith(("svg:", "math:")):
        return
    if (parent.tag in _CHILDREN and one.tag not in _CHILDREN[parent.tag] | _ANYWHERE) or (
        one.tag in _PARENTS and parent.tag not in _PARENTS[one.tag]
    ):
        yield one.line, f"<{one.tag}> may not stand in <{parent.tag}>"
    elif (
        parent.tag in _ONLY_PHRASING
        and one.tag in _FLOW
        and not (parent.tag == "summary" and one.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "hgroup"))
    ):
        yield one.line, f"<{one.tag}> may not stand in <{parent.tag}>, which holds only text and what is in a line"
    if one.tag == "style" and parent.tag not in ("head", "noscript"):
        yield one.line, "<style> stands outside of <head>"
    if one.tag == "main" and any(above.tag in ("article", "aside", "footer", "header", "nav") for above in one.above()):
        yield one.line, "<main> stands inside a part of a page"
    if one.tag in _INTERACTIVE or (one.tag == "input" and one.get("type") != "hidden") or "tabindex" in one.attributes:
        outer = next((above.tag for above in one.above() if above.tag in ("a", "button")), None)
        if outer is not None and not (outer == "a" and one.tag == "a" and "href" not in one.attributes):
            yield one.line, f"<{one.tag}> may not stand in <{outer}>: one cannot be pressed without the other"
    if one.tag in ("form", "label") and any(above.tag == one.tag for above in one.above()):
        yield one.line, f"<{one.tag}> may not stand in another one"


def _pointers(one: Element, document: Document) -> Iterator[tuple[int, str]]:
    for name in _POINTS:
        for said in one.get(name).split():
            if said not in document.ids:
                yield one.line, f"{name} of <{one.tag}> names the id “{said[:60]}”, which is not there"
    if one.tag == "label" and one.get("for") in document.ids and one.get("for"):
        meant = next(other for other in document.elements if other.attributes.get("id") == one.get("for"))
        if meant.tag not in _LABELABLE:
            yield one.line, f"<label> is for <{meant.tag}>, which cannot have one"
