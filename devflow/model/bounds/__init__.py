"""What a parameter of pipeline.yaml may be: one name for one kind of number, path or word.

A parameter whose type has no kind has no bound; a test walks every field of every step.
"""
