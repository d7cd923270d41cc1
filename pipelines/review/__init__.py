"""The desk at which people judge pairs, split and merge disputes, and correct records.

desk (what is shown, what was said) -> server, page (a browser on this machine) and terminal
"""
