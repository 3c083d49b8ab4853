"""The published interface: whole, in both languages, and true under generated requests."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gis.service.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from schemathesis import Case
    from schemathesis.schemas import BaseSchema

    from gis.workspace import Workspace

METHODS = {"get", "post"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
EXAMPLES = 12
TRUE_OF_EVERY_ANSWER = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def published(workspace: Workspace) -> Iterator[BaseSchema]:
    """Return the published document over the service itself."""
    app = create_app(workspace)
    yield schemathesis.openapi.from_asgi("/openapi.json", app)
    app.state.service.close()


def test_every_generated_request_is_answered_as_the_document_says(published: BaseSchema) -> None:
    asked = 0
    for found in published.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Case) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(checks=TRUE_OF_EVERY_ANSWER)

        ask()
    assert asked > 100


@pytest.fixture
def document(client: TestClient) -> Any:
    """Return the published document."""
    return client.get("/openapi.json").json()


def list_operations(document: Any) -> list[tuple[str, Any]]:
    """Return every operation with its path."""
    return [
        (path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_every_operation_is_named_in_both_languages(document: Any) -> None:
    for path, operation in list_operations(document):
        chinese, slash, english = operation["summary"].partition(" / ")
        assert slash, path
        assert CHINESE.search(chinese), path
        assert not CHINESE.search(english), path


def test_every_error_in_the_document_has_the_one_shape(document: Any) -> None:
    for path, operation in list_operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and int(status) != 416:
                name = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                assert name in {"Problem", "Preparing"}, (path, status)


def test_every_reference_of_the_document_leads_somewhere(document: Any) -> None:
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)):
        assert name in document["components"]["schemas"]


def test_the_options_of_a_check_are_fields_of_the_form_and_of_the_address(document: Any) -> None:
    operation = document["paths"]["/api/checks"]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    query = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}
    assert {"on", "datum", "crs", "site_accuracy", "near", "what_if", "name"} <= query
    assert set(form) == query | {"files"}


@pytest.mark.parametrize(
    ("path", "name"), [("/api/layers", "Layers"), ("/api/rules", "Rules"), ("/healthz", "Health")]
)
def test_a_listing_is_as_the_document_says(client: TestClient, document: Any, path: str, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(client.get(path).json())
