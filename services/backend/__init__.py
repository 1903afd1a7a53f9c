"""The price service: appraises cars with a trained model, keeps listings and the event log."""
