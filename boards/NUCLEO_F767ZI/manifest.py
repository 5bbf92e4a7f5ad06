include("$(BOARD_DIR)/manifest.py")
include("../manifest.py")
module("board.py")
