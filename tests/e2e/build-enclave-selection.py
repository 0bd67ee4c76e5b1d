#!/usr/bin/env python3
"""Which image is taken: several in one archive, references, nested and multi-
architecture indexes, attestations."""

import json
import pathlib
import platform
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import eif
import images
import ncli
import sample
from tar_entries import file

HERE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
THERE = {"amd64": "arm64", "arm64": "amd64"}[HERE]
BZIMAGE = (ncli.BLOBS / "bzImage").read_bytes()
ARM64_IMAGE = bytes(56) + b"ARM\x64" + bytes(4096)


def blobs_of_both(folder):
    """A blobs directory with one folder for each architecture."""
    for machine, kernel, data in (("x86_64", "bzImage", BZIMAGE),
                                  ("aarch64", "Image", ARM64_IMAGE)):
        place = folder / machine
        place.mkdir(parents=True)
        (place / kernel).write_bytes(data)
        (place / f"{kernel}.config").write_bytes(
            (ncli.BLOBS / "bzImage.config").read_bytes())
        for name in ("cmdline", "init", "nsm.ko"):
            (place / name).write_bytes((ncli.BLOBS / name).read_bytes()
                                       + machine.encode() * (name == "init"))
    return folder


def two_architectures(tag="edge:1"):
    """Two images, their common index and the layout's other blobs."""
    both = [images.Image([[file("which", name)]], architecture=name, tag=None)
            for name in (HERE, THERE)]
    files = {}
    descriptors = [images.put_image(files, image) for image in both]
    return both, files, descriptors


class Several(ncli.NcliTest):
    def setUp(self):
        super().setUp()
        self.first = sample.image(tag="localhost/edge:first")
        self.second = images.Image([[file("second")]], tag="edge:second")

    def write(self, files):
        return images.write_archive(self.folder / "i.tar", files)

    def test_no_reference_lists_them(self):
        for write in (images.docker_files, images.docker25_files,
                      images.oci_files):
            with self.subTest(layout=write.__name__):
                path = self.write(write(self.first, self.second))
                result = self.try_build(path)
                self.assert_error(result, "E50", "localhost/edge:first",
                                  "edge:second")

    def test_reference_selects(self):
        for transport, write in (("docker-archive", images.docker_files),
                                 ("docker-archive", images.docker25_files),
                                 ("oci-archive", images.oci_files)):
            path = self.write(write(self.first, self.second))
            for image in (self.first, self.second):
                with self.subTest(layout=write.__name__, tag=image.tag):
                    result = self.assert_model(
                        f"{transport}:{path}:{image.tag}", image)
                    self.assertNotIn("arning", result.stderr)

    def test_oci_directory_reference(self):
        path = images.write_directory(self.folder / "layout",
                                      images.oci_files(self.first, self.second))
        self.assert_model(f"oci:{path}:edge:second", self.second)
        self.assert_error_listing(f"oci:{path}")
        self.assert_error_listing(f"oci:{path}:edge:third")

    def assert_error_listing(self, uri):
        self.output.unlink(missing_ok=True)
        self.assert_error(self.try_build(uri), "E50", "localhost/edge:first",
                          "edge:second")

    def test_unknown_reference_lists_what_there_is(self):
        for transport, write in (("docker-archive", images.docker_files),
                                 ("oci-archive", images.oci_files)):
            for chosen in ((self.first, self.second), (self.first,)):
                with self.subTest(transport=transport, count=len(chosen)):
                    path = self.write(write(*chosen))
                    result = self.try_build(f"{transport}:{path}:edge:third")
                    self.assert_error(result, "E50", "edge:third",
                                      "localhost/edge:first")

    def test_one_image_with_two_tags(self):
        files = images.docker_files(self.first)
        manifest = json.loads(files["manifest.json"])
        manifest[0]["RepoTags"].append("edge:other")
        files["manifest.json"] = images.compact(manifest)
        path = self.write(files)
        self.assert_model(path, self.first)
        self.assert_model(f"docker-archive:{path}:edge:other", self.first)

    def test_no_image_at_all(self):
        for files in ({"manifest.json": b"[]"}, images.layout({}, [])):
            self.assert_error(self.try_build(self.write(files)), "E50")


class Indexes(ncli.NcliTest):
    def setUp(self):
        super().setUp()
        self.blobs = blobs_of_both(self.folder / "blobs")

    def uri(self, files, descriptors):
        path = self.folder / "i.tar"
        images.write_archive(path, images.layout(files, descriptors))
        return f"oci-archive:{path}"

    def test_platform_picks(self):
        both, files, descriptors = two_architectures()
        index = images.put_index(files, descriptors, tag="edge:1")
        nested = images.put_index(files, [index], tag="edge:1")
        listed = images.put_index(files, descriptors,
                                  media_type=images.DOCKER_LIST_TYPE)
        for name, top in (("flat", descriptors), ("index", [index]),
                          ("nested", [nested]), ("docker list", [listed])):
            uri = self.uri(files, top)
            with self.subTest(index=name):
                self.assert_model(uri, both[0], blobs=self.blobs)
            for image in both:
                with self.subTest(index=name, platform=image.architecture):
                    self.assert_model(
                        uri, image, f"--platform=linux/{image.architecture}",
                        blobs=self.blobs)

    def test_flag_and_blobs_of_the_architecture(self):
        _, files, descriptors = two_architectures()
        uri = self.uri(files, descriptors)
        for name, machine, kernel in (("amd64", "x86_64", BZIMAGE),
                                      ("arm64", "aarch64", ARM64_IMAGE)):
            with self.subTest(platform=name):
                _, built = self.build(uri, "--platform", f"linux/{name}",
                                      blobs=self.blobs)
                self.assertEqual(built.flags, int(name == "arm64"))
                self.assertEqual(built.of(eif.KERNEL), [kernel])
                self.assertIn(machine.encode(), built.of(eif.RAMDISK)[0])

    def test_attestations_are_passed_over(self):
        image = sample.image(architecture=HERE, compression="gzip")
        files = {}
        subject = images.put_image(files, image)
        attestation = images.put_attestation(files, subject)
        index = images.put_index(files, [subject, attestation], tag="edge:1")
        for top in ([subject, attestation], [attestation, subject], [index]):
            with self.subTest(count=len(top)):
                self.assert_model(self.uri(files, top), image, blobs=self.blobs)

    def test_only_attestations(self):
        files = {}
        subject = images.put_image(files, sample.image())
        attestation = images.put_attestation(files, subject)
        self.assert_error(self.try_build(self.uri(files, [attestation])), "E50")

    def test_absent_platform(self):
        _, files, descriptors = two_architectures()
        uri = self.uri(files, descriptors)
        result = self.try_build(uri, "--platform", "linux/s390x")
        self.assertNotEqual(result.status, 0)
        here_only = self.uri(files, descriptors[:1])
        result = self.try_build(here_only, "--platform", f"linux/{THERE}",
                                blobs=self.blobs)
        self.assert_error(result, "E50", HERE)

    def test_image_of_the_other_architecture_is_not_taken_silently(self):
        """It could not start on this kernel."""
        image = sample.image(architecture=THERE)
        for write in (images.docker_files, images.oci_files):
            with self.subTest(layout=write.__name__):
                path = images.write_archive(self.folder / "i.tar", write(image))
                self.assert_error(self.try_build(path, blobs=self.blobs),
                                  "E50", THERE)
                self.assert_model(path, image, f"--platform=linux/{THERE}",
                                  blobs=self.blobs)
                self.output.unlink()

    def test_descriptors_without_platforms(self):
        both, files, descriptors = two_architectures()
        for descriptor in descriptors:
            del descriptor["platform"]
        index = images.put_index(files, descriptors)
        for image in both:
            with self.subTest(platform=image.architecture):
                self.assert_model(self.uri(files, [index]), image,
                                  f"--platform=linux/{image.architecture}",
                                  blobs=self.blobs)

    def test_other_artifacts_are_passed_over(self):
        image = sample.image(architecture=HERE)
        files = {}
        subject = images.put_image(files, image)
        other = images.put_blob(files, b"{}", "application/vnd.example.sbom")
        self.assert_model(self.uri(files, [other, subject]), image,
                          blobs=self.blobs)

    def test_other_systems_are_passed_over(self):
        image = sample.image(architecture=HERE)
        files = {}
        subject = images.put_image(files, image)
        unknown_os = {**subject, "platform": {"architecture": HERE,
                                              "os": "windows"}}
        self.assert_model(self.uri(files, [unknown_os, subject]), image,
                          blobs=self.blobs)

    def test_index_that_holds_itself(self):
        """It cannot name its own digest, so the digest is a wrong one."""
        files = {}
        inner = images.put_index(files, [])
        for _ in range(200):
            inner = images.put_index(files, [inner])
        result = self.try_build(self.uri(files, [inner]))
        self.assert_error(result, "E50")


if __name__ == "__main__":
    unittest.main()
