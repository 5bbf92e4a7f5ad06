"""What a person runs on the PC; nothing here is part of the firmware."""
