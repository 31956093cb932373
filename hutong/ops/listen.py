"""Take a port before anything else is made, so that a busy one is a clear message and no crash."""

import socket


class PortError(Exception):
    """The address cannot be listened on; the message says which one, why and what to do."""


def listen_on(host: str, port: int, setting: str) -> socket.socket:
    """A socket that listens on ``host:port``; whoever connects waits until somebody accepts.

    Args:
        setting: the environment variable that chooses the port, for the message.

    Raises:
        PortError: it is taken, not allowed, or not an address of this machine.
    """
    try:
        [(family, _, _, _, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return socket.create_server(address, family=family)
    except OSError as error:
        raise port_error(host, port, setting, error) from error


def port_error(host: str, port: int, setting: str, error: OSError) -> PortError:
    """The error in words."""
    why = error.strerror or str(error)
    return PortError(
        f"cannot listen on {host}:{port}: {why}; free the port or choose another with {setting}"
    )
