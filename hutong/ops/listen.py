"""Take a port before anything else is made, so that a busy one is a clear message and no crash."""

import socket

from hutong.checks.finding import Finding, fault


class PortError(Exception):
    """The address cannot be listened on; ``fault`` says which one, why and what to do."""

    def __init__(self, fault: Finding) -> None:
        super().__init__(f"{fault.text}; {fault.remedy}")
        self.fault = fault


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


def port_faults(host: str, port: int, setting: str) -> list[Finding]:
    """Why not to start, for a service that takes its port only later."""
    try:
        listen_on(host, port, setting).close()
    except PortError as error:
        return [error.fault]
    return []


def port_error(host: str, port: int, setting: str, error: OSError) -> PortError:
    """The error in words."""
    why = error.strerror or str(error)
    text = f"cannot listen on {host}:{port}: {why}"
    return PortError(fault("port", text, f"free the port or choose another with {setting}"))
