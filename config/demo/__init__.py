"""The demo company: Mainstay Bearings 中坚轴承, generated from a fixed seed, every figure invented."""
