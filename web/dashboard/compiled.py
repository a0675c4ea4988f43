"""Underscore's templates as functions of JavaScript, so that a page needs no eval.

Underscore makes a function of the text of a template when the page is there, and a policy that lets it do so lets any text become
code. Here the same function is written into the page's own script, which has the page's nonce.
"""

import json
import re

#: Where the functions go in the page's script.
MARK = "/* the templates of this page */"

TEMPLATE = re.compile(r'<script name="([\w-]+)" type="text/template">(.*?)</script>', re.S)

#: A value that is escaped, or code.
PART = re.compile(r"<%-(.+?)%>|<%(.+?)%>", re.S)

USE = """
var trawl_templates = {{{functions}}};
_.template = function (text) {{
    var is_it = function () {{ return $(this).html() === text; }};
    return trawl_templates[$('script[type="text/template"]').filter(is_it).attr('name')];
}};
"""


def page(text: str) -> str:
    """A page whose templates are functions. Raises ValueError for a template with a value that is not escaped."""
    functions = ", ".join(f"{json.dumps(name)}: {function(body)}" for name, body in TEMPLATE.findall(text))
    return text.replace(MARK, USE.format(functions=functions), 1)


def function(template: str) -> str:
    """The function that Underscore would make of a template."""
    if "<%=" in template:
        raise ValueError("a template writes a value that is not escaped")
    parts, at = [], 0
    for found in PART.finditer(template):
        parts.append(_literal(template[at : found.start()]))
        value, code = found.groups()
        parts.append(f"value = ({value}); page += value == null ? '' : _.escape(value);" if value else f"{code}\n")
        at = found.end()
    parts.append(_literal(template[at:]))
    return "function (obj) { var page = '', value; with (obj || {}) { " + " ".join(parts) + " } return page; }"


def _literal(text: str) -> str:
    return "page += " + json.dumps(text).replace("<", "\\u003c") + ";" if text else ""
