"""Pure protocol: bytes and values in, values out; no clock, disk, network, chance or framework."""
