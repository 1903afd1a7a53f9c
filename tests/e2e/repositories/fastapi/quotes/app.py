"""The API."""

from fastapi import FastAPI

app = FastAPI(title="Quotes")
QUOTES = {"hopper": "It is easier to ask forgiveness than permission."}


@app.get("/quotes/{name}")
def quote(name: str) -> dict[str, str]:
    """One person's words."""
    return {"name": name, "text": QUOTES.get(name, "")}
