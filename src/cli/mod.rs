//! One file per command: it declares flags, calls a library function, and prints text or JSON.
