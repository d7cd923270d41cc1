"""One screen (一屏全览): a read-only web page on the published warehouse, every number of which opens its rows."""
