"""What the board runs in `make long-life`.

micropython long_life.py '{"hours": 24, "seed": 1, "report_min": 10, "leak": 0}'
"""

import gc
import json
import sys


def main():
    # Before all imports: garbage between what stays would leave a heap full of small holes. With
    # 45 kB free, the largest piece was 3 kB; with this it is nearly all of it.
    gc.threshold(8192)
    import lockstep  # noqa: F401 (from here on `time` is the virtual clock)
    from long_life_device import Device

    Device(**json.loads(sys.argv[1])).run()


main()
