from .errors import ModemError as ModemError
from .install import install as install
from .modem import Modem as Modem
