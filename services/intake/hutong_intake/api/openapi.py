"""What the OpenAPI document says beyond the code: bodies, examples, errors, security."""

from collections.abc import Iterable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from hutong_intake.models import Accepted, Problem, ReportIn, Status
from hutong_intake.problems import KINDS, MEDIA_TYPE
from hutong_intake.verbs import VERBS

REF = "#/components/schemas/{model}"
_WHEN: Final = {
    400: "The body, a header or a field is wrong; `errors` has every fault.",
    401: "No valid API key.",
    403: "The key may not do this.",
    404: "No such thing, or none of the caller's.",
    406: "The answer cannot be given in an accepted format.",
    408: "The body did not arrive in time.",
    409: "The event_id belongs to another channel's report; a merge that would not hold.",
    413: "Over 256 KiB (a batch: 4 MiB, 1,000 lines).",
    415: "Not JSON in UTF-8, or compressed.",
    422: "A code that the city does not have, or a key that came with another body before.",
    429: "Too many requests of this key or address: see Retry-After. Nothing was written.",
    503: "Not now: see Retry-After, and `outcome` for whether anything may have been written.",
}
_EXAMPLES: Final = {
    "hotline": {
        "summary": "A call to the hotline",
        "value": {
            "occurred_at": "2026-11-22T18:31:44+08:00",
            "area": "east",
            "place": {
                "lon": 116.0262,
                "lat": 36.4268,
                "datum": "WGS84",
                "address": "槐荫路与井巷交叉口东侧",
            },
            "contact": "c-7Q2M9X",
            "reporter": {"name": "陈安", "phone": "13000000000"},
            "intent": "help",
            "subject": "槐荫路自来水管爆裂",
            "body": "槐荫路自来水管爆裂，路面积水约十厘米，附近三栋楼停水，请尽快抢修。",
        },
    },
    "least": {
        "summary": "The least that is taken",
        "value": {"occurred_at": "2026-11-22T10:31:44Z", "body": "路灯不亮"},
    },
}
KEY_HEADER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 200 visible characters. The same key and body give the same receipt, so "
    "that sending again is always safe; another body is refused (422).",
    "schema": {"type": "string", "maxLength": 200},
    "example": "4f1c7d2e-88f0-4f0d-9d6a-0c9a2f6f5a10",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of an operation."""
    content = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}
    return {status: {"description": _WHEN[status], "content": content} for status in statuses}


REPORT_DOC: Final[dict[str, Any]] = {
    "summary": "Send a report",
    "description": "Answers 202 only after every in-sync copy of the log has the report. "
    "The receipt can be read over a phone, and is good for asking what became of it.",
    "status_code": 202,
    "response_model": None,
    "responses": {
        202: {"model": Accepted, "description": "In the log."},
        **problems(400, 401, 403, 406, 408, 409, 413, 415, 422, 429, 503),
    },
    "openapi_extra": {
        "parameters": [KEY_HEADER],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": REF.format(model="ReportIn")},
                    "examples": _EXAMPLES,
                }
            },
        },
    },
    "tags": ["reports"],
}
_LINES: Final = {
    "type": "array",
    "description": "NDJSON: each item is a line by itself, with neither brackets nor commas.",
    "maxItems": 1_000,
    "items": {
        "allOf": [
            {"$ref": REF.format(model="ReportIn")},
            {"properties": {"idempotency_key": {"type": "string", "maxLength": 200}}},
        ]
    },
}
BATCH_DOC: Final[dict[str, Any]] = {
    "summary": "Send many reports",
    "description": "One report a line (NDJSON, at most 1,000 lines and 4 MiB), each of which may "
    "have an `idempotency_key`. Answers one line for each, in order: `line`, `status`, and "
    "`report` or `problem`. A bad line does not touch its neighbours. 503 if no line could be "
    "confirmed.",
    "response_model": None,
    "responses": {
        200: {
            "description": "An answer for each line.",
            "content": {
                "application/x-ndjson": {
                    "example": '{"line":1,"status":202,"report":{"receipt":"02-07-00128431-5"}}\n'
                }
            },
        },
        **problems(400, 401, 403, 406, 408, 413, 415, 429, 503),
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {
                    "schema": _LINES,
                    "example": '{"idempotency_key":"a-1","occurred_at":"2026-11-22T10:31:44Z",'
                    '"body":"路灯不亮"}\n',
                }
            },
        }
    },
    "tags": ["reports"],
}
STATUS_DOC: Final[dict[str, Any]] = {
    "summary": "Ask what became of a report",
    "description": "Only for the channel that sent it; hyphens may be left out. `accepted` means "
    "that the report is in the log and not in the read model: not yet, or never, where the router "
    "has put it among the dead letters.",
    "response_model": None,
    "responses": {
        200: {"model": Status, "description": "Where it stands."},
        **problems(400, 401, 403, 404, 429, 503),
    },
    "tags": ["reports"],
}


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The document, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _build(app)
    return app.openapi_schema


def _build(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    models: list[type[BaseModel]] = [ReportIn, Problem, *(verb.model for verb in VERBS.values())]
    for model in models:
        schema = model.model_json_schema(ref_template=REF, mode="validation")
        schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
    document["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "`hk_…`"},
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    document["security"] = [{"bearer": []}, {"apiKey": []}]
    for operations in document["paths"].values():
        for operation in operations.values():
            # FastAPI adds its own validation error, which this API never gives.
            operation["responses"] = {
                status: answer
                for status, answer in operation["responses"].items()
                if not _is_fastapis(answer)
            }
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    document["x-problem-types"] = {kind.type: [kind.title_zh, kind.title_en] for kind in KINDS}
    return document


def _is_fastapis(answer: Any) -> bool:
    return "HTTPValidationError" in str(answer.get("content", ""))


def operations(document: dict[str, Any]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    """Every operation as (method, path, what it says)."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation
