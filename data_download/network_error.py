"""What went wrong on the way to a server, in a few words."""

import socket
from urllib.parse import urlsplit

import requests


def network_reason(error: requests.RequestException) -> str:
    """Reason of a failed request without the names of classes and objects of the libraries below.

    Example:

    >>> network_reason(requests.exceptions.ReadTimeout())
    'the server does not answer in time'
    """
    host = urlsplit(getattr(error.request, "url", None) or "").netloc or "the server"
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"status {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return f"{host} does not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return f"no secure connection to {host}: {_deepest(error)}"
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy on the way to {host} does not answer: {_deepest(error)}"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return f"the connection to {host} broke"
    if isinstance(error, requests.ConnectionError):
        return f"no connection to {host}: {_deepest(error)}"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _deepest(error):
    """Text of the system's own error at the bottom of a chain."""
    found = "it broke"
    while error is not None:
        if isinstance(error, socket.gaierror):
            return "its name is not known; is there internet?"
        if isinstance(error, OSError) and error.strerror:
            found = error.strerror
        error = error.__cause__ or error.__context__
    return found
