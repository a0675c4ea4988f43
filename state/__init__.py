"""What we remember, in Redis: one file per noun, keys in keys.py, one Lua script per verb in lua/."""
