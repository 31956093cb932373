"""The OpenAPI document as a page of plain HTML: no script, nothing from elsewhere."""

import json
from html import escape
from typing import Any

from hutong_intake.api.openapi import operations

CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:60rem;
margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h2{border-top:1px solid #d0d7de;padding-top:1rem}code,pre{background:#f3f5f7;border-radius:4px}
code{padding:.1em .3em}pre{padding:.8rem;overflow:auto}table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #d0d7de;padding:.3rem .6rem;text-align:left;vertical-align:top}
.method{color:#fff;background:#0b6b50;border-radius:4px;padding:.1em .5em;font-size:.85em}
"""


def page_of(document: dict[str, Any]) -> str:
    """The whole page."""
    info = document["info"]
    parts = [
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>",
        f"<p>{_text(info.get('description', ''))}</p>",
        '<p>For programs: <a href="openapi.json">openapi.json</a></p>',
        *(_operation(*each) for each in operations(document)),
        "<h2>Schemas</h2>",
        *(_schema(name, schema) for name, schema in document["components"]["schemas"].items()),
        "<h2>Problems</h2><p>Errors are RFC 9457 problems, in Chinese and English.</p>",
        _table(
            ("type", "中文", "English"), ([k, *v] for k, v in document["x-problem-types"].items())
        ),
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style>{''.join(parts)}</html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = [
        [p["name"], p["in"], p.get("description", "")] for p in operation.get("parameters", [])
    ]
    answers = [[status, a["description"]] for status, a in operation["responses"].items()]
    body = operation.get("requestBody", {}).get("content", {})
    return "".join(
        [
            f'<h2><span class="method">{method}</span> <code>{escape(path)}</code></h2>',
            f"<p><b>{escape(operation.get('summary', ''))}.</b> ",
            f"{_text(operation.get('description', ''))}</p>",
            _table(("parameter", "in", ""), parameters) if parameters else "",
            *(_body(media, content) for media, content in body.items()),
            _table(("answer", ""), answers),
        ]
    )


def _body(media: str, content: dict[str, Any]) -> str:
    shown = [content["example"]] if "example" in content else []
    shown += [
        json.dumps(e["value"], ensure_ascii=False, indent=2)
        for e in content.get("examples", {}).values()
    ]
    return f"<p>Body: <code>{escape(media)}</code></p>" + "".join(
        f"<pre>{escape(text)}</pre>" for text in shown
    )


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = [
        [
            field + (" *" if field in required else ""),
            _kind(of),
            " ".join([of.get("description", ""), *map(str, of.get("examples", []))]),
        ]
        for field, of in schema.get("properties", {}).items()
    ]
    about = _text(schema.get("description", ""))
    return f"<h3>{escape(name)}</h3><p>{about}</p>" + _table(("field (* required)", "", ""), rows)


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    limit = f", at most {schema['maxLength']:,}" if "maxLength" in schema else ""
    return str(schema.get("format") or schema.get("type", "anything")) + limit


def _table(head: tuple[str, ...], rows: Any) -> str:
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{_text(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{cells}</tr>{lines}</table>"


def _text(text: str) -> str:
    """Escaped, with `code` in backquotes."""
    pieces = escape(text).split("`")
    return "".join(
        f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces)
    )
