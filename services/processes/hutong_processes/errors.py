"""Why the service stops itself."""


class ProcessStopError(Exception):
    """Going on would say what may be wrong; the message names the place and the remedy."""
