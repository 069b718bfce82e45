"""Peers from npm: each is installed once, into the cache directory of whoever measures."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NODE = shutil.which("node")
NPM = shutil.which("npm")


def find_package(name: str, version: str) -> Path | None:
    """Return the directory of a package, installed when it is not there.

    None, with a notice, where there is no npm or it can't install.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    directory = cache / "lodestone-bench" / f"{name}-{version}"
    if (directory / "node_modules" / name).exists():
        return directory
    if NODE is None or NPM is None:
        _say(f"{name} is not measured: there is no npm on this machine")
        return None
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "package.json").write_text('{"private": true}\n')
    _say(f"installing {name} {version} into {directory}")
    command = [NPM, "install", f"{name}@{version}", "--prefix", str(directory)]
    command += ["--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        _say(f"{name} is not measured: {done.stderr.strip()[-500:]}")
        return None
    return directory


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
