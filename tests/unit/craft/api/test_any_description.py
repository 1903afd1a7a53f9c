"""Whatever stands in a description: it is compared, or refused with a reason."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.craft.api.openapi_difference import difference
from devflow.craft.api.schema_alternatives import Unreadable
from tests.unit.craft.api.test_openapi_difference import BODY, api, put

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "type properties items allOf $ref enum required content schema".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(
    json_values,
    st.sampled_from([f"{BODY}.schema", "op.parameters", "op.responses", "op.requestBody"])
    | st.sampled_from(["op.security", "paths", "Car"]),
)
def test_any_data_is_compared_or_refused_with_a_reason(value: Any, at: str) -> None:
    spoilt = api()
    spoilt["components"]["schemas"].update(Car={}) if at == "Car" else None
    put(spoilt, at if at != "Car" else "components.schemas.Car", value if value is not None else {})
    try:
        difference(api(), spoilt), difference(spoilt, api())
    except Unreadable as reason:
        assert str(reason)
