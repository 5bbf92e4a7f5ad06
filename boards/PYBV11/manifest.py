include("$(PORT_DIR)/boards/manifest.py")
package("sixlink", base_path="../../firmware")
module("board.py")
