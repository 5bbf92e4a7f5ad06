"""A UART that stands for a keyboard: Ctrl-C at the n-th time that the pump comes to it."""

from machine import UART


class Keyboard(UART):
    """`left`: how often it may still be looked at before Ctrl-C; 0: it is left alone."""

    left = 0

    def _press(self):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt

    def any(self):
        self._press()
        return super().any()

    def write(self, buf, at, n):
        self._press()
        return super().write(buf, at, n)
