"""Write docs/http-api.md: what intake answers when something is wrong, from its own source.

    python tools/http_api_doc.py            write it
    python tools/http_api_doc.py --check    exit 1 if it is not current

Kinds of problems come from `hutong_intake.problems`, the codes of single faults from the calls that
make them (parsed, not run), so that no code can be missing here.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from hutong_intake import problems
from hutong_intake.acts import topics_by_principal
from hutong_intake.verbs import VERBS, name_of
from pages import write_or_check

from hutong.city import load_city
from hutong.events.faults import every_text
from hutong.events.topics import load_topics

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "http-api.md"
SOURCE = ROOT / "services" / "intake" / "hutong_intake"

#: Slug -> what the sender should do, in Chinese and English.
ADVICE: Mapping[str, tuple[str, str]] = {
    "bad-request": ("检查请求头与请求格式。", "Check the headers and the form of the request."),
    "unreadable": ("正文须为 UTF-8 的 JSON 对象；见 `errors`。", "Send a JSON object in UTF-8."),
    "invalid-report": (
        "按 `errors` 逐项改正后重发。",
        "Correct each field in `errors`, send again.",
    ),
    "invalid-act": (
        "按 `errors` 逐项改正后重发。",
        "Correct each field in `errors`, send again.",
    ),
    "bad-picture": (
        "见 `errors`；请换一张或缩小后重发。",
        "See `errors`; send another, or a smaller one.",
    ),
    "bad-receipt": ("核对受理号，逐位重读。", "Read the receipt number again, digit by digit."),
    "unauthenticated": ("检查 API 密钥是否正确、是否过期。", "Check the API key and its expiry."),
    "forbidden": ("换用有此权限的密钥。", "Use a key that may do this."),
    "not-your-act": (
        "只用本单位可用的操作（`detail` 已列出）。",
        "Use an act of yours: `detail` names them.",
    ),
    "not-found": ("核对地址或受理号。", "Check the address or the receipt number."),
    "method-not-allowed": ("改用 `Allow` 所列方法。", "Use a method that `Allow` names."),
    "not-acceptable": ("`Accept` 须容许 JSON。", "Let `Accept` allow JSON."),
    "request-timeout": ("检查网络后重发。", "Check the network and send again."),
    "id-of-another-channel": ("另行生成 `event_id`。", "Make a new `event_id`."),
    "no-effect": ("见 `reason`；未写入。", "See `reason`; nothing is written."),
    "too-large": ("缩短正文，或把批次分开。", "Shorten the text, or split the batch."),
    "unsupported-media-type": (
        "用 `application/json`（批量 `application/x-ndjson`）、UTF-8、不压缩。",
        "Send `application/json` (a batch: `application/x-ndjson`) in UTF-8, not compressed.",
    ),
    "unknown-code": ("改用 `errors` 所提示的代码。", "Use a code that `errors` suggests."),
    "key-reused": ("内容不同的上报须用新的幂等键。", "Use a new key for another report."),
    "headers-too-large": ("缩短请求头。", "Shorten the headers."),
    "too-many-requests": ("等待 `Retry-After` 秒后再发。", "Wait `Retry-After` seconds."),
    "identity-unreadable": (
        "联系系统管理员核对身份密钥文件；未写入。",
        "Have the file of identity keys looked at; nothing is written.",
    ),
    "internal-error": ("凭 `request_id` 联系我们。", "Tell us the `request_id`."),
    "busy": (
        "等待 `Retry-After` 秒后重发；未写入。",
        "Wait `Retry-After` seconds; nothing is written.",
    ),
    "not-confirmed": (
        "是否写入尚不确定；等待后用同一幂等键重发是安全的。",
        "The outcome is unknown; wait, then send again with the same key: that is safe.",
    ),
    "state-unknown": (
        "稍后重发，或在请求中补齐 `errors` 所列各项。",
        "Send again later, or say in the request what `errors` names.",
    ),
    "media-unavailable": (
        "稍后重发；不带照片的上报不受影响。",
        "Send again later; reports without photos are taken.",
    ),
    "status-unavailable": ("稍后再查；上报不受影响。", "Ask later; reports are still taken."),
}

#: Codes whose texts are put together elsewhere.
MORE: Mapping[str, tuple[str, str]] = {
    "bad_check_digit": ("受理号的校验位不符。", "The receipt number's check digit does not fit."),
    "not_a_parameter": (
        "查询参数有误，见文字。",
        "A query parameter is wrong: see the texts.",
    ),
    "not_a_receipt": ("受理号形如 02-07-00128431-5。", "A receipt is like 02-07-00128431-5."),
}

_HEAD = """\
# HTTP 接口：错误与办理操作 · The HTTP interface: errors and acts

<!-- Written by tools/http_api_doc.py from services/intake: edit those. -->

接口本身见正在运行的服务的 `/docs`（OpenAPI：`/openapi.json`）。凡出错，答复都是 RFC 9457 的
`application/problem+json`，中英文并列，`errors` 逐项列出所有问题；答复从不重复身份证号码与密钥。

The interface itself is described by a running intake at `/docs` (OpenAPI: `/openapi.json`).
Every error is an RFC 9457 problem in both languages; `errors` has all faults at once, each with
its field. No answer repeats an identity number or a key.
What each bad input gets: [bad-input.md](bad-input.md).

```json
{"type": "urn:hutong:problem:invalid-report", "status": 400,
 "title": "…", "title_zh": "…", "title_en": "…",
 "detail": "…", "detail_zh": "…", "detail_en": "…", "instance": "urn:uuid:…", "request_id": "…",
 "errors": [{"field": "occurred_at", "code": "no_zone", "message_zh": "…", "message_en": "…"}]}
```

`title` 与 `detail` 随 `Accept-Language`。程序请比较 `type` 与 `code`，不要比较文字。
`title` and `detail` follow `Accept-Language`. Programs compare `type` and `code`, never texts.

## 种类 · Kinds

| status | `type`: `urn:hutong:problem:`… | 意思 · meaning | 怎么办 · what to do |
|---|---|---|---|
"""
_CODES = """
## 各项的代码 · Codes in `errors` and `warnings`

| code | 中文 | English |
|---|---|---|
"""

_ACTS = """
## 办理操作 · Acts

`POST /v1/issues/{issue_id}/actions/{verb}` 写入一个事件；正文为该事件自己的各项
（时间一律带时区的 RFC 3339），另可有 `answers`（所应答的事件）、`occurred_at`、`by`（经办人）。
202 表示已写入日志；`effect` 说明是否生效及原因。

`POST /v1/issues/{issue_id}/actions/{verb}` writes one event. The body has the event's own fields
(times are RFC 3339 with a zone), and may have `answers` (the event that it answers), `occurred_at`
and `by` (who at the sender's). 202 means that it is in the log; `effect` says whether it has its
effect, and why not. A refused act stays in the history.

| verb | 中文 | English | event | who |
|---|---|---|---|---|
"""
_RULES = """
**Whose.** The desk sees and acts on every issue, a channel on those that it reported, a
department on those that it leads or helps with, or did; a grid worker may check the result of
any. For everybody else an issue is not there: 404, in the same words as for one that never was.
Because an order may reach a department before the read models have it, a request waits two
seconds (`HUTONG_INTAKE_PATIENCE_SECONDS`) before it says so.

**What it answers.** By default a department's act answers the order of the present hop, any other
the newest event that had an effect. `hop`, and what follows from the duty item or the tier, are
filled in too; `GET /v1/issues/{issue_id}` names what can be done now, with fields and codes.

**Effect.** Foretold from the state as known at that moment (`judged: false`), so right after
another act it may be behind. `Prefer: wait=5` waits for the verdict itself; `GET
/v1/issues/{issue_id}/events/{event_id}` gives it later.

**Sending again.** `Idempotency-Key` is good for one verb on one issue and one sender: the event's
id follows from these. A repeat gets the same place and writes nothing, from intake's memory or,
once it is in the history, from there, whatever the request left out. Only where both have nothing
(intake was restarted and the read models are behind) is it written again under the same id; the
life cycle counts the first. Say `occurred_at`, `answers` and `hop` yourself and the second is the
same, byte for byte (the SDK does); else the history shows it as refused, `altered-repeat`.

**While PostgreSQL is down** an act is taken if it says what would be looked up: `answers`, `hop`
where the event has one, what `errors` names, and with an `Idempotency-Key` also `occurred_at`;
its effect is `unknown`. Otherwise 503 `state-unknown`. Whose the issue is cannot be asked then,
and need not be: the life cycle judges every act by the log, so another's has no effect, and
nothing is told of the issue. Merges need both issues: 503. Reads answer 503.

**Merges** go to the address of either issue with the `other_id`: the older one goes on. Both
events are written only where both would hold, else 409 `no-effect`. If the second is not
confirmed, `processes` writes it.

**Who reported.** `reveal` answers `revealed` with what was asked for of `name`, `phone` and `home`
(null where nobody said it) to the desk and the present lead, for a `purpose` of the city pack,
and wants to know `by` whom it will be seen. It is told only once the log has the event
`IdentityRevealed`, and once: a repeat with the same key is told null, so every look is an event.
403 for other departments, 409 where nobody said who reported or the issue ended over 90 days ago;
then nothing is written.

**Photos.** `POST /v1/media` (JPEG, PNG, WebP; at most 10 MiB, 40 million pixels, one frame)
answers the SHA-256 of what is stored: the same pixels, upright, without EXIF or anything else.
`media` of a report or an act must name stored photos (422 `unknown_file`). `GET
/v1/media/{sha256}` is for whoever may see an issue that names it. What no event names is removed
by `hutong media sweep --remove` an hour after it was sent.
"""

Texts = dict[str, tuple[str, str]]


def page() -> str:
    """The whole page. KeyError for a kind without advice."""
    kinds = "".join(
        f"| {kind.status} | `{kind.slug}` | {kind.title_zh} · {kind.title_en} "
        f"| {ADVICE[kind.slug][0]} {ADVICE[kind.slug][1]} |\n"
        for kind in sorted(problems.KINDS, key=lambda kind: kind.status)
    )
    found = codes()
    lines = "".join(f"| `{code}` | {zh} | {en} |\n" for code, (zh, en) in sorted(found.items()))
    return _HEAD + kinds + _CODES + lines + _ACTS + _verbs() + _RULES


def _verbs() -> str:
    topics = topics_by_principal(load_topics(load_city().departments))
    kinds: dict[str, list[str]] = {verb: [] for verb in VERBS}
    for principal, topic in topics.items():
        who = "dept" if principal.startswith("dept:") else principal.removeprefix("channel:")
        for verb in VERBS.values():
            if verb.may_be_on(topic) and who not in kinds[verb.name]:
                kinds[verb.name].append(who)
    return "".join(
        f"| `{verb.name}` | {verb.zh} | {verb.en} "
        f"| {', '.join(f'`{name_of(e)}`' for e in dict.fromkeys(verb.events))} "
        f"| {', '.join(kinds[verb.name])} |\n"
        for verb in VERBS.values()
    )


def codes() -> Texts:
    """Code -> texts, the first that is found for each."""
    found: Texts = dict(MORE)
    for file in sorted(SOURCE.rglob("*.py")):
        for code, zh, en in codes_in(file.read_text("utf-8")):
            found.setdefault(code, (zh, en))
    for code, zh, en in every_text():
        found.setdefault(code, (_filled(zh), _filled(en)))
    return found


def codes_in(source: str) -> Iterator[tuple[str, str, str]]:
    """Code, Chinese and English of every `Fault`, `refuse` and `_unreadable` in a file."""
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        texts: dict[str, str] = {}
        for node in sorted(_walk(function), key=lambda each: (each.lineno, each.col_offset)):
            if isinstance(node, ast.Assign):
                texts |= _assigned(node)
            else:
                yield from _called(node, texts)


def _walk(function: ast.AST) -> list[ast.Assign | ast.Call]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Assign | ast.Call)]


def _called(call: ast.Call, texts: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    if not isinstance(call.func, ast.Name):
        return
    skipped = {"Fault": 1, "refuse": 0, "_unreadable": 0}.get(call.func.id)
    if skipped is None or len(call.args) < skipped + 3:
        return
    code, zh, en = (_text(argument, texts) for argument in call.args[skipped : skipped + 3])
    if code.isidentifier() and zh and en:
        yield code, zh, en


def _assigned(node: ast.Assign) -> dict[str, str]:
    target = node.targets[0]
    if isinstance(target, ast.Name):
        return {target.id: _text(node.value, {})}
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        pairs = zip(target.elts, node.value.elts, strict=True)
        return {each.id: _text(value, {}) for each, value in pairs if isinstance(each, ast.Name)}
    return {}


def _text(node: ast.expr, texts: Mapping[str, str]) -> str:
    """A text as it is written, with … for what is filled in; empty for what is not written."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.Name):
        return texts.get(node.id, "")
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values)
    return ""


def _filled(text: str) -> str:
    parts = text.replace("}", "{").split("{")
    return "".join("…" if number % 2 else part for number, part in enumerate(parts))


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; 0 when nothing is wrong."""
    return write_or_check({PAGE: page()}, __file__, arguments)


if __name__ == "__main__":
    sys.exit(main())
