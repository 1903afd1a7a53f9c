"""Builds images without an engine: no root, no daemon, no tool."""
