"""Docker, where an engine answers."""

import shutil

from tests.real.run import finish


def docker_answers() -> bool:
    return shutil.which("docker") is not None and finish("docker", "info").returncode == 0
