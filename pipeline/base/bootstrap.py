"""Makes the virtual environment that the Makefile works with.

Run as a script by whatever Python the user has, before anything is installed: it
imports the standard library alone and keeps to what old Pythons understand, so
that even they get a clear line. What goes wrong is told in one line; the whole
story is in the log.
"""

import os
import re
import shutil
import subprocess
import sys

NEEDED = (3, 11)
LOG = os.path.join("build", "setup.log")
#: In an environment that this script has begun to make, and in one that it has finished.
BEGUN, COMPLETE = ".made-by-mathmine", ".complete"

NO_INDEX = (
    "the package index cannot be reached: a network (or pip's own settings for an index "
    "at hand) is needed once"
)
#: What a line of the log says, and what that means for the user.
CAUSES = (
    (r"no space left on device", "no space left on the disk: about 2 GB are needed"),
    (
        r"command '[^']*(cc|\+\+|clang)[^']*' failed|unable to execute '[^']*(cc|\+\+)'"
        r"|no such file or directory: '[^']*(cc|\+\+)'|unsupported compiler",
        "a package has no wheel for this machine and no C++ compiler works here: "
        "install g++ and run the same command again",
    ),
    (
        r"newconnectionerror|name resolution|network is unreachable|connecttimeout"
        r"|failed to establish|error sending request|dns error|connection refused"
        r"|client error \(connect\)|max retries exceeded",
        NO_INDEX,
    ),
    (
        r"ensurepip is not available|no module named (venv|ensurepip)",
        "this Python cannot make virtual environments: install its venv package "
        "(Debian: apt install python3-venv)",
    ),
    (
        r"from versions: none|no matching distribution|user requested \(constraint\)"
        r"|no solution found",
        "the package index cannot be reached, or has no longer the versions of constraints.txt",
    ),
    (r"permission denied", "a folder cannot be written: look at who owns this checkout"),
)


def explain(log, doing):
    """One line that says what went wrong, from the text of a log."""
    for pattern, meaning in CAUSES:
        if re.search(pattern, log, re.IGNORECASE):
            return meaning
    lines = [line for line in log.splitlines() if line.strip()]
    return "%s failed: %s" % (doing, lines[-1].strip() if lines else "no message")


def main():
    """Make ``sys.argv[1]`` a virtual environment with this project in it."""
    if sys.version_info < NEEDED:
        sys.exit(
            "setup: Python %d.%d is too old, %d.%d or later is needed: "
            "say make PYTHON=/path/to/python3" % (sys.version_info[:2] + NEEDED)
        )
    venv = os.path.normpath(sys.argv[1])
    python = os.path.join(venv, "bin", "python")
    clear(venv)
    os.makedirs("build", exist_ok=True)
    say("making %s with pinned versions: a minute or two, about 1.5 GB" % venv)
    with open(LOG, "w", encoding="utf-8") as log:
        run([sys.executable, "-m", "venv", venv], log, "making a virtual environment")
        install(python, ".[dev]", log, "installing packages")
        if subprocess.call([python, "-m", "pipeline.base.java", "--check"], stderr=log) == 1:
            say("no Java 17 or later on this machine: taking the one from the package index")
            install(python, ".[dev,java]", log, "installing a Java runtime")
    java = subprocess.run([python, "-m", "pipeline.base.java"], capture_output=True, text=True)
    if java.returncode:
        sys.exit("setup: " + java.stderr.strip())
    say("done; Java is %s" % java.stdout.strip())
    touch(os.path.join(venv, COMPLETE))


def clear(venv):
    """Make the folder empty but for the mark that it is ours; refuse any other's folder.

    The mark is there before anything else is, and stays: what is killed half-way is still ours.
    """
    remedy = "remove it yourself, or have another folder made: make setup VENV=folder"
    if os.path.islink(venv):
        whose = "%s is a link to %s, and what is there is not this script's to clear"
        sys.exit("setup: %s: %s" % (whose % (venv, os.path.realpath(venv)), remedy))
    if os.path.lexists(venv) and not os.path.isdir(venv):
        sys.exit("setup: %s is no folder: %s" % (venv, remedy))
    os.makedirs(venv, exist_ok=True)
    names = os.listdir(venv)
    if names and BEGUN not in names and COMPLETE not in names:
        sys.exit(
            "setup: %s was made by something else, which make setup does not clear: %s"
            % (venv, remedy)
        )
    touch(os.path.join(venv, BEGUN))
    # The other mark first, or make would take half an environment for a whole one.
    for name in sorted(names, key=lambda name: name != COMPLETE):
        path = os.path.join(venv, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif name != BEGUN:
            os.unlink(path)


def touch(path):
    """Make an empty file."""
    with open(path, "w", encoding="utf-8"):
        pass


def install(python, requirement, log, doing):
    """Install the checkout, editable, with pinned versions; by uv where there is one."""
    # As a variable, unlike the option, it also pins what packages are built with.
    environment = dict(
        os.environ, PIP_CONSTRAINT="constraints.txt", UV_CONSTRAINT="constraints.txt"
    )
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--python", python, "--editable", requirement]
    else:
        command = [python, "-m", "pip", "install", "--editable", requirement]
    run(command, log, doing, environment)


def run(command, log, doing, environment=None):
    """Run a command into the log; end with one line where it fails."""
    start = log.tell()
    failed = subprocess.call(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
    if failed:
        with open(log.name, encoding="utf-8", errors="replace") as file:
            file.seek(start)
            text = file.read()
        sys.exit("setup: %s (see %s)" % (explain(text, doing), LOG))


def say(text):
    """A line of progress."""
    sys.stderr.write("setup: %s\n" % text)
    sys.stderr.flush()


if __name__ == "__main__":
    main()
