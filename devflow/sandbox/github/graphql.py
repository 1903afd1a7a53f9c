"""GraphQL for what REST cannot say: review threads and whether they are resolved, drafts and ready
pull requests.

Its ids are the `node_id`s of REST. An answer with errors is still HTTP 200.
"""

from typing import Any, Final

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    execute_sync,
    parse,
    validate,
)

from devflow.sandbox.common.clock import github_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.github.answers import (
    LIMIT,
    fields_of,
    full_name,
    is_called,
    node_id,
    ok,
    repo_html,
    repository_data,
)
from devflow.sandbox.github.graphql_objects import (
    actor,
    no_such_node,
    pull_object,
    thread_of,
)
from devflow.sandbox.github.graphql_pages import QueryRefused
from devflow.sandbox.github.graphql_schema import RULES, SCHEMA
from devflow.sandbox.github.pulls import refreshed

NO_QUERY: Final = "A query attribute must be specified and must be a string."


def graphql(call: Call) -> Reply:
    fields = fields_of(call, query=str, operationName=str, variables=dict)
    if not fields.get("query"):
        return ok({"data": None, "errors": [{"message": NO_QUERY}]})
    result = _execute(call, fields)
    body: Json = {"data": result.data}
    if result.errors:
        body["errors"] = [_error_entry(error) for error in result.errors]
    return ok(body)


def _execute(call: Call, fields: Json) -> ExecutionResult:
    try:
        document = parse(fields["query"])
    except GraphQLSyntaxError as error:
        return ExecutionResult(None, [error])
    errors = validate(SCHEMA, document, RULES)
    if errors:
        return ExecutionResult(None, errors)
    return execute_sync(
        SCHEMA,
        document,
        root_value={**_queries(call), **_mutations(call)},
        variable_values=fields.get("variables"),
        operation_name=fields.get("operationName"),
    )


def _error_entry(error: GraphQLError) -> Json:
    """GitHub's form: the standard one, and `type` where an object was refused."""
    entry: Json = dict(error.formatted)
    cause = error.original_error
    if isinstance(cause, QueryRefused):
        entry["type"] = cause.type
    elif cause is not None and not isinstance(cause, GraphQLError):
        # the library makes an answer of any exception: a fault of the sandbox must stay a 500
        raise cause
    return entry


def _queries(call: Call) -> Json:
    def repository(info: object, owner: str, name: str) -> Json:
        return _repository(call, f"{owner}/{name}")

    return {
        "viewer": actor(call, call.user["name"]),
        "repository": repository,
        "node": lambda info, id: _node(call, id),
        "rateLimit": {"limit": LIMIT, "remaining": LIMIT - call.used, "used": call.used},
    }


def _repository(call: Call, name: str) -> Json:
    if not is_called(name, repository_data(call)):
        raise QueryRefused(f"Could not resolve to a Repository with the name '{name}'.")
    return {
        "__typename": "Repository",
        "id": node_id("R", 2000),
        "name": repository_data(call)["name"],
        "nameWithOwner": full_name(call),
        "url": repo_html(call),
        "pullRequest": lambda info, number: _pull_by_number(call, number),
    }


def _pull_by_number(call: Call, number: int) -> Json:
    pull = call.records.get("pull", number)
    if pull is None:
        raise QueryRefused(f"Could not resolve to a PullRequest with the number of {number}.")
    return pull_object(call, refreshed(call, pull))


def _node(call: Call, key: str) -> Json:
    kind, _, number = key.partition("_")
    if kind == "PR":
        pull = call.records.get("pull", number)
        if pull is not None:
            return pull_object(call, refreshed(call, pull))
    if kind == "PRRT":
        root = call.records.get("review_comment", number)
        # a thread has the number of its first comment; an answer's number names none
        if root is not None and root["in_reply_to_id"] is None:
            return thread_of(call, root)
    raise no_such_node(key)


def _mutations(call: Call) -> Json:
    def resolve(info: object, **arguments: Any) -> Json:
        return _set_resolved(call, arguments["input"], call.user["name"])

    def unresolve(info: object, **arguments: Any) -> Json:
        return _set_resolved(call, arguments["input"], None)

    def convert_to_draft(info: object, **arguments: Any) -> Json:
        return _set_draft(call, arguments["input"], True)

    def mark_ready(info: object, **arguments: Any) -> Json:
        return _set_draft(call, arguments["input"], False)

    return {
        "resolveReviewThread": resolve,
        "unresolveReviewThread": unresolve,
        "convertPullRequestToDraft": convert_to_draft,
        "markPullRequestReadyForReview": mark_ready,
    }


def _set_resolved(call: Call, fields: Json, resolver: str | None) -> Json:
    key = fields["threadId"]
    kind, _, number = key.partition("_")
    root = call.records.get("review_comment", number) if kind == "PRRT" else None
    if root is None or root["in_reply_to_id"] is not None:
        raise no_such_node(key)
    root = call.records.put("review_comment", number, {**root, "resolved_by": resolver})
    return {
        "clientMutationId": fields.get("clientMutationId"),
        "thread": thread_of(call, root),
    }


def _set_draft(call: Call, fields: Json, draft: bool) -> Json:
    key = fields["pullRequestId"]
    kind, _, number = key.partition("_")
    pull = call.records.get("pull", number) if kind == "PR" else None
    if pull is None:
        raise no_such_node(key)
    edited = {**pull, "draft": draft, "updated_at": github_time()}
    pull = call.records.put("pull", number, edited)
    return {
        "clientMutationId": fields.get("clientMutationId"),
        "pullRequest": pull_object(call, refreshed(call, pull)),
        "actor": actor(call, call.user["name"]),
    }


ROUTES: Final = (Route("POST", "/graphql", graphql),)
