from drf_spectacular.generators import SchemaGenerator


def test_the_schema_describes_how_to_send_a_token() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    schemes = schema["components"]["securitySchemes"]
    assert schemes["tokenAuth"]["name"] == "Authorization"
    assert schemes["cookieAuth"]["in"] == "cookie"
    assert {"tokenAuth": []} in schema["paths"]["/api/v1/whoami"]["get"]["security"]
