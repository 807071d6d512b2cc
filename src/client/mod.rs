//! The command line's way to a server, over the RPCs that `buf` uses.
