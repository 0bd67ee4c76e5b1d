"""A build context for docker and buildah: a root file system of this machine's
own files, and a Dockerfile that changes and deletes them in layers."""

import io
import os
import pathlib
import shutil
import sysconfig
import tarfile

BUSYBOX = "/bin/busybox"
APPLETS = ("cat", "ls", "sh", "rm", "mkdir", "ln", "chmod", "touch", "mv")
COPIED = ("/usr/share/zoneinfo/Europe", "/etc/alternatives", "/etc/default",
          "/etc/os-release", "/usr/lib/os-release")
PYTHON = "/usr/lib/python3"
PYTHON_PARTS = ("email", "encodings", "json", "xml", "os.py", "typing.py")
STAMP = 1700000000
CHANGES = """\
set -e
rm -r /usr/share/gone /usr/lib/python3/json
rm /bin/cat && ln -s ls /bin/cat
rm -r /var/swap && echo file > /var/swap
rm /var/link && mkdir /var/link && echo below > /var/link/x
rm -r /var/fresh && mkdir /var/fresh && echo new > /var/fresh/only
ln /opt/app/hello /opt/app/hello-again
mkdir /srv/work && chmod 0700 /srv && chmod 4711 /bin/su
mv /usr/lib/python3/email /usr/lib/python3/post
mkdir -p /etc/hosts.d && echo x > "/etc/hosts.d/two
lines"
"""
DOCKERFILE = f"""\
FROM scratch
ADD base.tar /
COPY app/ /opt/app/
RUN ["{BUSYBOX}", "sh", "/opt/app/changes.sh"]
WORKDIR /srv/work
ENV PATH=/bin:/usr/bin GREETING="hello there"
USER 1000:1000
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["/opt/app/hello", "world"]
"""


def owned(info):
    info.uid, info.gid, info.uname, info.gname = 0, 0, "", ""
    return info


def without_caches(info):
    return None if info.name.endswith("__pycache__") else owned(info)


def member(name, kind=tarfile.REGTYPE, data=b"", **fields):
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mtime = kind, len(data), STAMP
    info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    for key, value in fields.items():
        setattr(info, key, value)
    return info, io.BytesIO(data)


def own_members():
    """What no copied file gives: odd owners, modes, links and types."""
    folders = ("bin", "etc", "usr", "usr/lib", "usr/lib/python3", "usr/share",
               "usr/share/zoneinfo", "usr/share/gone", "opt", "srv", "var",
               "var/swap", "var/fresh", "dev", "proc", "home")
    for name in folders:
        yield member(name, tarfile.DIRTYPE)
    yield member("tmp", tarfile.DIRTYPE, mode=0o1777)
    yield member("home/user", tarfile.DIRTYPE, mode=0o2750, uid=1000, gid=1000)
    yield member("home/user/.profile", data=b"umask 022\n", uid=1000, gid=1000)
    yield member("home/user/big-owner", data=b"x", uid=3000000, gid=3000000)
    yield member("home/user/na\u0308me-\u6f22", data=b"unicode")
    yield member("home/user/" + "long-" * 30, data=b"long")
    yield member("var/swap/old", data=b"old")
    yield member("var/fresh/old", data=b"old")
    yield member("usr/share/gone/old", data=b"old")
    yield member("var/link", tarfile.SYMTYPE, linkname="../home")
    yield member("var/pipe", tarfile.FIFOTYPE, mode=0o600)
    yield member("etc/hosts", data=b"127.0.0.1 image\n")
    yield member("bin/su", data=b"#!/bin/sh\n", mode=0o4755)


def write_base(path):
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for info, data in own_members():
            tar.addfile(info, data)
        tar.add(os.path.realpath(shutil.which("busybox")), BUSYBOX[1:],
                filter=owned)
        for applet in APPLETS:
            info, _ = member(f"bin/{applet}", tarfile.LNKTYPE, mode=0o755,
                             linkname=BUSYBOX[1:])
            tar.addfile(info)
        for source in filter(os.path.lexists, COPIED):
            tar.add(source, source[1:], filter=owned)
        library = sysconfig.get_paths()["stdlib"]
        for part in PYTHON_PARTS:
            tar.add(f"{library}/{part}", f"{PYTHON[1:]}/{part}",
                    filter=without_caches)


def make_context(folder):
    """Writes the build context into `folder`; returns it."""
    folder = pathlib.Path(folder)
    (folder / "app/data").mkdir(parents=True)
    (folder / "app/hello").write_text("#!/bin/sh\necho hello\n")
    (folder / "app/hello").chmod(0o755)
    (folder / "app/data/numbers").write_bytes(bytes(range(256)) * 4096)
    (folder / "app/data/empty").touch()
    (folder / "app/changes.sh").write_text(CHANGES)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    write_base(folder / "base.tar")
    return folder
