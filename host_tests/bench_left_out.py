"""A check that passes and could not check everything."""

print("other words")
print("Left out: this. There is no that.")
