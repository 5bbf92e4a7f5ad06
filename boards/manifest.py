# What every board freezes beside its own board.py. main.py and config.py are not frozen: they are
# yours to change.
package("sixlink", base_path="../firmware")
module("start.py")
