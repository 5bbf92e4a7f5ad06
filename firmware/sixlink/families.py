"""The families of modems that Sixlink knows. A family is loaded when it is met."""

# A word of the answer to ATI or AT+CGMM, and the family that it gives away.
_WORDS = (("Air", "luat"), ("SIM8", "sim800"), ("SIM9", "sim800"))


def family_of(model):
    """The name of the family that makes `model`, or None."""
    for word, name in _WORDS:
        if word in model:
            return name
    return None


def family(name):
    """The dialect, a class, of the family `name`. Raises ValueError for an unknown one."""
    if name == "luat":
        from .luat import Luat

        return Luat
    if name == "sim800":
        from .sim800 import Sim800

        return Sim800
    raise ValueError("dialect %r: neither 'luat' nor 'sim800'" % name)
