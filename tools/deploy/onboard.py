"""What `make deploy` has the board itself do. Runs on MicroPython and, in tests, on CPython.

All paths are below ROOT. The new files are copied beside the old ones, into /sixlink.new, as a
tree of its own. Then each part of it changes places with what is there:

1. `swap`: the old part moves to /sixlink.old, the new one to where it belongs.
2. `clear`: /sixlink.new, empty by now, goes, then /sixlink.old.

/sixlink.old beside /sixlink.new is a swap that was cut short or is not believed yet: `undo` puts
all back. Alone it is the waste of one that is done. `tidy` does what is due. So, wherever the
power failed, after a `tidy` either all is new or all is old.
"""

import hashlib
import os

ROOT = os.getcwd().rstrip("/")  # "/flash" on a STM32, where "/" is no place for files
NEW = "/sixlink.new"
OLD = "/sixlink.old"
NONE = ".none"  # ends the name of a part that had no predecessor
PARTS = ("/lib/sixlink", "/board.py", "/start.py", "/config.py", "/main.py")

_IS_FOLDER = 0x4000


def exists(path):
    try:
        os.stat(ROOT + path)
    except OSError:
        return False
    return True


def has_program(path):
    """A STM32 comes with a main.py that has nothing but a comment in it."""
    if not exists(path):
        return False
    with open(ROOT + path) as file:
        return any(line.strip() and not line.startswith("#") for line in file)


def make_folder(path):
    """With those above it."""
    at = 0
    while at >= 0:
        at = path.find("/", at + 1)
        folder = path if at < 0 else path[:at]
        if not exists(folder):
            os.mkdir(ROOT + folder)


def remove(path):
    """A file, or a folder with all that is in it; or nothing."""
    if not exists(path):
        return
    if os.stat(ROOT + path)[0] & _IS_FOLDER:
        for name in os.listdir(ROOT + path):
            remove(path + "/" + name)
        os.rmdir(ROOT + path)
    else:
        os.remove(ROOT + path)


def move(source, target):
    make_folder(target[: target.rfind("/")] or "/")
    os.rename(ROOT + source, ROOT + target)


def digest(paths):
    """SHA-256 over the new files, one after the other."""
    total = hashlib.sha256()
    for path in paths:
        with open(ROOT + NEW + path, "rb") as file:
            while True:
                data = file.read(512)
                if not data:
                    break
                total.update(data)
    return total.digest()


def note(path):
    make_folder(path[: path.rfind("/")])
    open(ROOT + path, "w").close()


def tidy():
    """Take back or finish what an earlier run has left."""
    if exists(NEW) and exists(OLD):
        undo()
    clear()


def swap():
    make_folder(OLD)
    for part in PARTS:
        if exists(NEW + part):
            if exists(part):
                move(part, OLD + part)
            else:
                note(OLD + part + NONE)
            move(NEW + part, part)


def undo():
    """What is new goes back to /sixlink.new, so that to begin again does no harm."""
    for part in PARTS:
        had_one = exists(OLD + part)
        if exists(part) and (had_one or exists(OLD + part + NONE)):
            move(part, NEW + part)
        if had_one:
            move(OLD + part, part)
        remove(OLD + part + NONE)
    clear()


def clear():
    """The new one first: from then on what is in the other has had its day."""
    remove(NEW)
    remove(OLD)
