"""What a board's firmware does before its REPL: mount the file system, run boot.py and main.py.

    micropython -i -c "import launch; launch.start(globals(), IMAGE, '/', SHIMS, 'main')"

IMAGE is the flash, mounted at '/', or at '/flash' as on a STM32; SHIMS the folder with this
board's `machine`. 'raw' in place of 'main': the REPL is in raw mode, where a soft reset does not
run main.py. The unix port's own file system is out of sight afterwards.
"""

import os
import sys

import vfs

BLOCK_BYTES = 4096


class Flash:
    """A file as a block device (MicroPython, "Working with filesystems", extended interface)."""

    def __init__(self, path):
        self.file = open(path, "rb+")
        self.blocks = self.file.seek(0, 2) // BLOCK_BYTES

    def readblocks(self, n, buf, offset=0):
        self.file.seek(n * BLOCK_BYTES + offset)
        self.file.readinto(buf)

    def writeblocks(self, n, buf, offset=0):
        self.file.seek(n * BLOCK_BYTES + offset)
        self.file.write(buf)

    def ioctl(self, op, argument):
        if op == 4:
            return self.blocks
        if op == 5:
            return BLOCK_BYTES
        return 0


def mount(image, root, shims):
    flash = Flash(image)
    try:
        disk = vfs.VfsLfs2(flash)
    except OSError:  # a new one
        vfs.VfsLfs2.mkfs(flash)
        disk = vfs.VfsLfs2(flash)
    host = vfs.VfsPosix(shims)
    vfs.umount("/")
    vfs.mount(disk, root)
    vfs.mount(host, "/shims")
    os.chdir(root)
    places = ["/lib"] if root == "/" else [root, root + "/lib"]
    sys.path[:] = ["", ".frozen"] + places + ["/shims"]


def start(names, image, root, shims, mode):
    """Programs run with the REPL's own `names`, as on a board."""
    mount(image, root, shims)
    for program in ("boot.py", "main.py") if mode == "main" else ("boot.py",):
        run(program, names)


def run(name, names):
    try:
        with open(name) as file:
            program = file.read()
    except OSError:
        return
    try:
        exec(compile(program, name, "exec"), names)
    except BaseException as error:
        sys.print_exception(error)
