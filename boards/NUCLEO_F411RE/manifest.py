include("$(PORT_DIR)/boards/manifest.py")
include("../manifest.py")
module("board.py")
