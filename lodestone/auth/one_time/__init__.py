"""Links and codes that are mailed to prove an address, each good for one use."""
