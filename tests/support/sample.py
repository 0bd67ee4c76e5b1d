"""The small two-layer image that the tests of archive forms share."""

import images
from tar_entries import directory, file, hard_link, symlink, whiteout


def image(**fields):
    """Files, a hard link, a symlink and a deletion; fields as images.Image."""
    lower = [directory("bin/"), file("bin/x", b"#!/bin/sh\n", mode=0o755),
             directory("usr/"), file("usr/old", b"old"),
             file("usr/kept", b"kept" * 5000, uid=7, gid=8)]
    upper = [directory("usr/", mode=0o700), whiteout("usr/old"),
             file("usr/new", b"new"), hard_link("usr/twin", "usr/new"),
             symlink("usr/link", "new")]
    return images.Image([lower, upper], **fields)
