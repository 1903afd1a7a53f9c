"""The journal and the lock of a run."""
