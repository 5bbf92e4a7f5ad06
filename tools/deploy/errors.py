"""The one kind of failure."""


class DeployError(Exception):
    """The text is one sentence: what is wrong and how to mend it."""
