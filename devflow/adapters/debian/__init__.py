"""Debian's archive: where it is, its packages, and what is in one."""
