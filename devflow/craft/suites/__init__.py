"""Test suites: how they are run, what their reports say, and what is judged of them."""
