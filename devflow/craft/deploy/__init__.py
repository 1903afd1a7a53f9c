"""Deployments: readiness, the gate, merging, and the way back."""
