"""Why a projector stops itself."""


class ProjectorStopError(Exception):
    """Going on would skip or double something; the message names the place and the remedy."""
