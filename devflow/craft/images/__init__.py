"""Images as steps speak of them: what is built of a commit, and what a build is judged by."""
