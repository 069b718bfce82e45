"""Libraries: named collections of lead magnets and links, given away as one.

Tables: libraries, library_items. Writer: svc_magnetlab. Terms: an item is a magnet or a link in a
library; it is new for the library's `auto_feature_days` and featured as long as its owner says so.
"""
