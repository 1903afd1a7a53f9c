from quotes.app import app


def test_the_title_is_the_one_that_readers_know():
    assert app.title == "Quotes"


def test_there_is_one_route_for_quotes():
    assert list(app.openapi()["paths"]) == ["/quotes/{name}"]
