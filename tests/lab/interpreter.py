"""A Python of our own, with the packages that a file names: made once, in the build folder, and again when the file changes."""

import hashlib
import os
import subprocess
import sys
import venv

HOUSE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def interpreter(name, wanted):
    """Path of the interpreter whose place is called after `name` and has what the requirements file `wanted` says."""
    with open(wanted, "rb") as file:
        mark = hashlib.sha256(file.read() + sys.version.encode()).hexdigest()[:12]
    build = os.path.join(HOUSE, os.environ.get("CARGO_TARGET_DIR", "target"))
    place = os.path.join(build, f"{name}-{mark}")
    if not os.path.exists(os.path.join(place, "whole")):
        venv.create(place, clear=True, with_pip=True)
        subprocess.run([os.path.join(place, "bin", "pip"), "-q", "--disable-pip-version-check", "install", "-r", wanted],
                       check=True, stdout=sys.stderr)
        open(os.path.join(place, "whole"), "w").close()
    return os.path.join(place, "bin", "python")
