#!/usr/bin/env python3
"""Times build-enclave and describe-eif against the hashing they cannot avoid.

The limit L is two `openssl dgst -sha384` of the customer initrd at once: PCR0
and PCR2 must both read all of it. Every round measures L anew, beside the
commands, so that the ratios hold when the machine's speed drifts.

usage: NCLI=/path/to/ncli build-and-describe.py [ROUNDS [MEGABYTES]]
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import bench_image  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOBS = ROOT / "tests/golden/blobs"
NCLI = os.environ["NCLI"]


def prepare(removed=None, read=()):
    """Puts memory into the same state before every command, unmeasured.

    Removes an earlier run's output, whose pages would have to be freed, and
    reads what will be read, as far as it is not in the page cache.
    """
    if removed:
        removed.unlink(missing_ok=True)
    for path in read:
        with open(path, "rb") as file:
            while file.read(1 << 20):
                pass


def run(*commands):
    """Seconds, CPU seconds and peak KiB of commands that run at once."""
    start = time.monotonic()
    children = [subprocess.Popen(command, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
                for command in commands]
    cpu, peak = 0.0, 0
    for child in children:
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{child.args} failed: {errors.decode()}")
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss)
    return time.monotonic() - start, cpu, peak


def build(uri, output):
    """The command line that builds one image."""
    return [NCLI, "build-enclave", "--docker-uri", uri, "--output-file",
            str(output), "--blobs-path", str(BLOBS)]


def commands_for(work, images, initrd):
    """What is measured: name, commands at once, preparation, target."""
    eif, packed = work / "plain.eif", work / "gzip.eif"
    digest = ["openssl", "dgst", "-sha384", str(initrd)]

    def builds(form, output):
        archive = images[form].split(":")[1]
        return ([build(images[form], output)],
                {"removed": output, "read": [archive]})
    return [
        ("L: two openssl dgst -sha384", [digest, digest],
         {"read": [initrd]}, None),
        ("build, plain docker-archive", *builds("plain", eif), 1.25),
        ("build, gzip OCI archive", *builds("gzip", packed), 1.75),
        ("describe-eif", [[NCLI, "describe-eif", "--eif-path", str(eif)]],
         {"read": [eif]}, 1.1),
    ]


def measure(at_once, preparation):
    """One run of commands, prepared."""
    prepare(**preparation)
    return run(*at_once)


def print_rounds(rounds, files):
    """One line a command: medians, and ratios round by round."""
    print(f"{'':28} {'wall s':>7} {'CPU s':>6} {'MiB':>5}  "
          f"{'ratio to L: median (min-max)':28} target")
    for index, (name, _, _, target) in enumerate(rounds[0][0]):
        results = [results[index] for _, results in rounds]
        ratios = [results[index][0] / results[0][0] for _, results in rounds]
        line = (f"{name:28} "
                f"{statistics.median(r[0] for r in results):7.2f} "
                f"{statistics.median(r[1] for r in results):6.2f} "
                f"{max(r[2] for r in results) / 1024:5.0f}")
        if target:
            line += (f"  {statistics.median(ratios):.2f} "
                     f"({min(ratios):.2f}-{max(ratios):.2f})"
                     f"{'':12} <= {target}")
        print(line, flush=True)
    print(f"memory target: 64 MiB + 400 bytes x {files} files = "
          f"{64 + 400 * files / 2**20:.0f} MiB")


def measure_large(work, rounds, megabytes):
    """The image of about 1 GB of real files."""
    images, files = bench_image.make_large(work, megabytes)
    size = pathlib.Path(images["plain"].split(":")[1]).stat().st_size
    print(f"image: {files} files, {size / 1e6:.0f} MB plain, "
          f"{os.cpu_count()} cores")
    run(build(images["plain"], work / "plain.eif"))
    initrd = bench_image.customer_initrd(work / "plain.eif", work / "initrd")
    commands = commands_for(work, images, initrd)
    results = [(commands, [measure(at_once, preparation)
                           for _, at_once, preparation, _ in commands])
               for _ in range(rounds + 1)]
    del results[0]  # warm-up
    print_rounds(results, files)


def measure_small_files(work, rounds):
    """50,000 small files, and the start of the program alone."""
    uri = bench_image.make_small_files(work, 50_000)
    seconds = [run(build(uri, work / "small.eif")) for _ in range(rounds)]
    print(f"50,000 small files: {statistics.median(s[0] for s in seconds):.2f}"
          f" s (target 3 s), {max(s[2] for s in seconds) / 1024:.0f} MiB "
          f"(target {64 + 400 * 50_000 / 2**20:.0f} MiB)")
    starts = [run([NCLI, "--version"])[0] for _ in range(20)]
    print(f"ncli --version: {1000 * statistics.median(starts):.1f} ms "
          f"(target 10 ms)")


def main():
    """Prints the figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        work = pathlib.Path(name)
        os.environ["TMPDIR"] = name
        measure_large(work, rounds, megabytes)
        measure_small_files(work, rounds)


if __name__ == "__main__":
    main()
