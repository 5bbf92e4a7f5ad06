"""Run plain test functions under MicroPython.

    micropython run.py [-v] DIRECTORY [MODULE ...]

Imports each MODULE (or every test_*.py) of DIRECTORY, calls its test_* functions in order of
name, prints one line a module and a final count. With -v every test is named as it runs. Exit
status 1 when a test failed, a module would not import, or there was nothing to run.
"""

import os
import sys


def modules_in(directory):
    names = sorted(os.listdir(directory))
    return [name[:-3] for name in names if name.startswith("test_") and name.endswith(".py")]


def run_test(label, function, verbose):
    if verbose:
        print("run", label)
    try:
        function()
    except Exception as error:
        print("FAILED", label)
        sys.print_exception(error, sys.stdout)
        return False
    return True


def run_module(name, verbose):
    """The counts (passed, failed) of one module; one that cannot be imported is one failure."""
    try:
        module = __import__(name)
    except Exception as error:
        print("FAILED", name)
        sys.print_exception(error, sys.stdout)
        return 0, 1
    tests = [test for test in sorted(dir(module)) if test.startswith("test_")]
    results = [run_test(name + "::" + test, getattr(module, test), verbose) for test in tests]
    return sum(results), len(results) - sum(results)


def main(arguments):
    verbose = "-v" in arguments
    directory, *names = [argument for argument in arguments if argument != "-v"]
    sys.path.insert(0, directory)
    passed = failed = 0
    for name in names or modules_in(directory):
        counts = run_module(name, verbose)
        print("%s: %d passed, %d failed" % (name, counts[0], counts[1]))
        passed += counts[0]
        failed += counts[1]
    print("%d passed, %d failed" % (passed, failed))
    return 0 if passed and not failed else 1


sys.exit(main(sys.argv[1:]))
