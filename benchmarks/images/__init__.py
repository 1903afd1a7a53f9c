"""Figures of container images against their bars."""
