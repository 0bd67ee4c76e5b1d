"""The container tools that the e2e tests compare with, each with storage of
its own in the test's folder."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time
import unittest


REQUIRED = os.environ.get("NCLI_REQUIRE_TOOLS") == "1"


def need(*programs, root=False):
    """Skips a test (fails it with NCLI_REQUIRE_TOOLS=1) without programs."""
    missing = [name for name in programs if not shutil.which(name)]
    if root and os.geteuid() != 0:
        missing.append("root")
    if missing and REQUIRED:
        raise RuntimeError(f"missing: {', '.join(missing)}")
    return unittest.skipIf(missing, f"missing: {', '.join(missing)}")


def miss(reason):
    """Ends a test that cannot run: as skipped, as failed when required."""
    raise ToolError(reason) if REQUIRED else unittest.SkipTest(reason)


class ToolError(RuntimeError):
    """A tool failed; the text is its command line and its stderr."""


def call(*command, env=None, cwd=None):
    """Runs a tool; returns its stdout as text."""
    done = subprocess.run([*map(str, command)], env=env, cwd=cwd, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=300)
    if done.returncode:
        raise ToolError(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout.strip()


def output(*command):
    """Runs a tool; returns its stdout as bytes."""
    return subprocess.run([*map(str, command)], check=True, timeout=300,
                          stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE).stdout


# What skopeo can write to files: name -> (target, options). {} is a place.
SKOPEO_FORMS = {
    "oci-archive gzip": ("oci-archive:{}:a/b:c", ()),
    "oci-archive zstd": ("oci-archive:{}:a/b:c",
                         ("--dest-compress-format", "zstd")),
    "oci gzip": ("oci:{}:a/b:c", ()),
    "oci zstd": ("oci:{}:a/b:c", ("--dest-compress-format", "zstd")),
    "oci zstd chunked": ("oci:{}:a/b:c",
                         ("--dest-compress-format", "zstd:chunked")),
    "oci plain": ("oci:{}:a/b:c", ("--dest-oci-accept-uncompressed-layers",)),
    "docker-archive": ("docker-archive:{}:a/b:c", ()),
    "dir": ("dir:{}", ()),
    "dir gzip": ("dir:{}", ("--dest-compress",)),
    "dir oci": ("dir:{}", ("--format", "oci")),
}
# podman save's names of formats -> ncli's transports.
PODMAN_FORMS = {"docker-archive": "docker-archive", "docker-dir": "dir",
                "oci-archive": "oci-archive", "oci-dir": "oci"}
# What buildah can push to files: name -> (target, options).
BUILDAH_FORMS = {
    "oci-archive": ("oci-archive:{}:a/b:c", ()),
    "oci": ("oci:{}:a/b:c", ()),
    "oci zstd": ("oci:{}:a/b:c", ("--compression-format", "zstd")),
    "oci zstd chunked": ("oci:{}:a/b:c",
                         ("--compression-format", "zstd:chunked")),
    "docker-archive": ("docker-archive:{}:a/b:c", ()),
    "dir": ("dir:{}", ()),
    "dir plain": ("dir:{}", ("--disable-compression",)),
}


def writes_oci(form):
    """Whether the form's config went through OCI's (empty lists left out)."""
    return "oci" in form


def place_of(folder, tool, form):
    return pathlib.Path(folder, f"{tool}-{form}".replace(" ", "-"))


def skopeo_copy(source, target, *options):
    call("skopeo", "--insecure-policy", "copy", "-q", *options, source, target)


class Storage:
    """podman and buildah over one private image store."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.options = ["--root", folder / "root", "--runroot", folder / "run",
                        "--storage-driver", "vfs"]

    def podman(self, *arguments):
        return call("podman", *self.options, *arguments)

    def buildah(self, *arguments):
        return call("buildah", *self.options, *arguments)

    def load(self, path):
        """podman load; returns the image's name."""
        return self.podman("load", "-q", "-i", path).split(": ", 1)[1]

    def save(self, name, form, path):
        self.podman("save", "-q", "--format", form, "-o", path, name)
        return path


@contextlib.contextmanager
def docker_daemon(folder):
    """A dockerd of our own without any network; gives a function that runs
    the docker client against it."""
    folder = pathlib.Path(folder)
    host = f"unix://{folder}/d.sock"
    command = ["dockerd", "-H", host, "--data-root", folder / "data",
               "--exec-root", folder / "exec", "--pidfile", folder / "pid",
               "--storage-driver", "vfs", "--iptables=false", "--bridge=none",
               "--ip-forward=false", "--ip-masq=false"]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder),
           "DOCKER_BUILDKIT": "0"}
    with open(folder / "dockerd.log", "wb") as log:
        process = subprocess.Popen([*map(str, command)], stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL, env=env)
    try:
        def docker(*arguments):
            return call("docker", "-H", host, *arguments, env=env)
        wait_for(process, docker, folder / "dockerd.log")
        yield docker
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_for(process, docker, log):
    """Until the daemon answers; where it cannot run, the test is skipped."""
    for _ in range(120):
        if process.poll() is not None:
            break
        with contextlib.suppress(ToolError):
            docker("version")
            return
        time.sleep(0.25)
    miss(f"dockerd does not start here: {log.read_text()[-2000:]}")
