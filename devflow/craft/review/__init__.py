"""Review: what a pull request says, whom it asks, and what people answered."""
