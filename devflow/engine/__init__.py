"""FLOOR 2, plan, fold, run, dry run: what happens next. Knows ``Step``, never a particular step."""
