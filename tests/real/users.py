"""Servers that refuse to run as root run as somebody else."""

import os
import pwd


def unprivileged_user(first: str) -> str:
    """That user, or nobody; empty where we are not root."""
    if os.geteuid() != 0:
        return ""
    return next(user for user in (first, "nobody") if _exists(user))


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
