"""Set up .venv and install the pinned packages; do nothing when they are already there.

Needs no package but Python itself, so that it runs on a fresh machine: `python3 ops/install.py base|dev`.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
OLDEST = (3, 11)


def say(text):
    print(text, flush=True)


def stop(text):
    sys.exit(text)


def use_new_enough_python():
    """Go on under a newer Python when `python3` is too old and the machine has another."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        other = shutil.which("python3.%d" % minor)
        if other:
            os.execv(other, [other, *sys.argv])
    stop(
        "Python 3.11 or newer is needed; python3 is %d.%d. On Debian: apt-get install python3.11-venv"
        % sys.version_info[:2]
    )


def make_venv():
    """Create .venv, or mend one whose creation was interrupted."""
    if PYTHON.exists():
        pip = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)
        if pip.returncode == 0:
            return
    if importlib.util.find_spec("ensurepip") is None:
        package = "python%d.%d-venv" % sys.version_info[:2]
        stop(f"This Python cannot make a virtual environment: install Debian's package {package}.")
    say("Making the virtual environment .venv …")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        stop(f"The virtual environment could not be made: {(made.stdout + made.stderr).strip()}")


def digest(kind):
    return hashlib.sha256((ROOT / "requirements" / f"{kind}.txt").read_bytes()).hexdigest()


def read_stamp():
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def is_installed(kind):
    """Tell whether this list is in place; the dev list holds the base list."""
    stamp = read_stamp()
    wanted = {name: digest(name) for name in (["base"] if kind == "base" else ["base", "dev"])}
    return PYTHON.exists() and all(stamp.get(name) == value for name, value in wanted.items())


def install(kind):
    """Install one list with pip, counting packages as they come; only files with a pinned hash are accepted."""
    path = ROOT / "requirements" / f"{kind}.txt"
    total = len(re.findall(r"^[A-Za-z0-9_.-]+==", path.read_text(encoding="utf-8"), re.MULTILINE))
    say(f"Installing {total} packages from requirements/{kind}.txt; the first time takes a few minutes …")
    # Byte code comes when a module is first imported: compiling the Alipay SDK's 36,000 files ahead takes minutes.
    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-compile", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--no-input", "-r", path]
    STAMP.unlink(missing_ok=True)
    lines, seen = [], 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as pip:
        for line in pip.stdout:
            lines.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen += 1
                name = line.removeprefix("Requirement already satisfied: ").removeprefix("Collecting ").split("==")[0]
                if line.startswith("Collecting ") or seen in (total, 1):
                    say(f"  {seen:>3}/{total} {name.split(' ')[0].strip()}")
            elif line.startswith("Installing collected packages"):
                say("  unpacking (the Alipay SDK alone holds 36,000 files) …")
    if pip.returncode:
        sys.stderr.write("".join(lines[-15:]))
        stop(
            f"Installing requirements/{kind}.txt failed; pip's last words stand above. Run the command again to go on."
        )
    kinds = ["base"] if kind == "base" else ["base", "dev"]
    STAMP.write_text(json.dumps({name: digest(name) for name in kinds}), encoding="utf-8")
    say("Packages are in place.")


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else "base"
    if kind not in ("base", "dev"):
        stop("Say which list to install: base or dev.")
    use_new_enough_python()
    if is_installed(kind):
        return
    make_venv()
    install(kind)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped; run the command again to go on.")
