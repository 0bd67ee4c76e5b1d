#!/usr/bin/env python3
"""One image built by a real tool measures the same in every form in which
every tool saves it."""

import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import debian_tree
import eif
import images
import initrd_model
import ncli
import tools

REFERENCE = ncli.ROOT.parent / "shared/reference/initrd_model.py"


class RealTools(ncli.NcliTest):
    def setUp(self):
        super().setUp()
        self.context = debian_tree.make_context(self.folder / "context")
        self.storage = tools.Storage(self.folder / "storage")

    def model(self, archive, reference=True):
        """The customer initrd of a docker-save archive by our model, which
        must be the reference model's where that one is at hand."""
        customer = initrd_model.from_docker_save(archive)
        if reference and REFERENCE.exists():
            place = self.folder / "reference.img"
            subprocess.run([sys.executable, REFERENCE, archive, place,
                            str(initrd_model.FIXED_MTIME)], check=True)
            self.assertEqual(images.sha256(place.read_bytes()),
                             images.sha256(customer), "the models differ")
        return customer

    def check(self, uri, customer):
        result, image = self.build(uri)
        self.assertEqual(images.sha256(image.of(eif.RAMDISK)[1]),
                         images.sha256(customer))
        printed = json.loads(result.stdout)["Measurements"]
        self.assertEqual(printed["PCR2"], eif.pcr(customer))

    def check_skopeo_forms(self, archive, customer):
        for form, (target, options) in tools.SKOPEO_FORMS.items():
            with self.subTest(tool="skopeo", form=form):
                uri = target.format(tools.place_of(self.folder, "skopeo", form))
                tools.skopeo_copy(f"docker-archive:{archive}", uri, *options)
                self.check(uri, customer)

    def check_storage_forms(self, name, customer):
        for form, transport in tools.PODMAN_FORMS.items():
            with self.subTest(tool="podman", form=form):
                place = tools.place_of(self.folder, "podman", form)
                self.storage.save(name, form, place)
                self.check(f"{transport}:{place}", customer)
        for form, (target, options) in tools.BUILDAH_FORMS.items():
            with self.subTest(tool="buildah", form=form):
                place = tools.place_of(self.folder, "buildah", form)
                uri = target.format(place)
                self.storage.buildah("push", "-q", *options, name, uri)
                self.check(uri, customer)

    @tools.need("busybox", "dockerd", "docker", "skopeo", "podman", "buildah",
                root=True)
    def test_built_by_docker(self):
        saved = self.folder / "docker-save.tar"
        with tools.docker_daemon(self.folder) as docker:
            docker("build", "--network", "none", "-t", "real:1", self.context)
            docker("save", "-o", saved, "real:1")
            untagged = self.folder / "docker-save-untagged.tar"
            docker("save", "-o", untagged,
                   docker("images", "-q", "--no-trunc", "real:1"))
        customer = self.model(saved)
        self.check(f"docker-archive:{saved}", customer)
        self.check(f"docker-archive:{untagged}", customer)
        self.check_skopeo_forms(saved, customer)
        self.check_storage_forms(self.storage.load(saved), customer)

    @tools.need("busybox", "dockerd", "docker", "skopeo", "podman", "buildah",
                root=True)
    def test_built_by_buildah(self):
        self.storage.buildah("bud", "-q", "--isolation", "chroot", "--layers",
                             "-t", "real:1", self.context)
        pushed = self.folder / "buildah.tar"
        self.storage.buildah("push", "-q", "real:1",
                             f"docker-archive:{pushed}:real:1")
        customer = self.model(pushed)
        self.check(pushed, customer)
        self.check_skopeo_forms(pushed, customer)
        self.check_storage_forms("real:1", customer)
        with tools.docker_daemon(self.folder) as docker:
            docker("load", "-q", "-i", pushed)
            saved = self.folder / "docker-save.tar"
            docker("save", "-o", saved, "real:1")
        self.check(saved, customer)

    @tools.need("busybox", "umoci", "skopeo", root=True)
    def test_repacked_by_umoci(self):
        source = self.folder / "source.tar"
        with open(self.context / "base.tar", "rb") as base:
            image = images.Image([base.read()])
        images.write_archive(source, images.docker_files(image))
        layout, bundle = self.folder / "layout", self.folder / "bundle"
        tools.skopeo_copy(f"docker-archive:{source}", f"oci:{layout}:first")
        tools.call("umoci", "unpack", "--image", f"{layout}:first", bundle)
        tools.call("umoci", "repack", "--image", f"{layout}:same", bundle)
        customer = self.model(source)
        self.check(f"oci:{layout}:first", customer)
        self.check(f"oci:{layout}:same", customer)
        self.change(bundle / "rootfs")
        tools.call("umoci", "repack", "--image", f"{layout}:changed", bundle)
        changed = self.folder / "changed.tar"
        tools.skopeo_copy(f"oci:{layout}:changed", f"docker-archive:{changed}")
        expected = self.model(changed, reference=False)
        self.assertNotEqual(expected, customer)
        self.check(f"oci:{layout}:changed", expected)
        self.check(changed, expected)

    @staticmethod
    def change(root):
        (root / "bin/cat").unlink()
        (root / "home/user/.profile").write_text("umask 077\n")
        (root / "home/user/new").write_text("new")
        (root / "usr/share/gone/old").unlink()
        (root / "bin/su").chmod(0o700)


if __name__ == "__main__":
    unittest.main()
