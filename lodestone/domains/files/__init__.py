"""Files of people and teams: the screens over the storage API, and files for the other rooms.

Tables: none of its own; `storage.buckets` and `storage.objects` hold the rows, the file store the
bytes. Terms: a *bucket* is a named place with limits, private or public; a *workspace's folder* is
the first folder of a name in it, called by the id of the person or team whose files are inside.
"""
