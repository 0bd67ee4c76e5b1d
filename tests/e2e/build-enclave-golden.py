#!/usr/bin/env python3
"""Every golden image gives the reference's initrds and PCRs, as docker saved
it and after other tools rewrote it."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import eif
import images
import initrd_model
import ncli
import tools

EXPECTED = json.loads((ncli.GOLDEN / "expected.json").read_text())

# Tools write an OCI config with empty lists left out, so that this image's
# empty Cmd is lost on the way and its Entrypoint becomes the command.
LOSES_EMPTY_CMD = "empty-cmd-list"

# podman load takes these, but podman save fails: its tar-split looks for
# `../up` outside of the layer.
PODMAN_REFUSES = {"dot-slash-and-absolute-names": "no such file or directory"}

# Some versions of skopeo drop a tar's last zero blocks when they write
# zstd:chunked, so that the layer is not what its diff_id says any more.
CHUNKED = "oci zstd chunked"


def archive(name):
    return ncli.GOLDEN / f"images/{name}.tar"


def read_json(layout, digest):
    return json.loads((layout / "blobs/sha256" / digest[7:]).read_bytes())


def is_damaged(layout):
    """Whether some layer of an OCI directory's image misses its diff_id."""
    index = json.loads((layout / "index.json").read_bytes())
    manifest = read_json(layout, index["manifests"][0]["digest"])
    config = read_json(layout, manifest["config"]["digest"])
    found = [images.digest(initrd_model.decompressed(
        (layout / "blobs/sha256" / layer["digest"][7:]).read_bytes()))
        for layer in manifest["layers"]]
    return found != config["rootfs"]["diff_ids"]


class Golden(ncli.NcliTest):
    def check(self, uri, name, emptied=False):
        """The EIF of `uri` has what the reference measured for `name`."""
        _, image = self.build(uri)
        bootstrap, customer = image.of(eif.RAMDISK)
        if emptied and name == LOSES_EMPTY_CMD:
            layers, config = initrd_model.read_docker_save(archive(name))
            self.assertEqual(config.pop("Cmd"), [])
            self.assertEqual(
                customer, initrd_model.customer_initrd(layers, config))
            return
        expected = EXPECTED[name]
        for found, key in ((bootstrap, "bootstrap_initrd"),
                           (customer, "customer_initrd")):
            self.assertEqual(
                {"bytes": len(found), "sha256": images.sha256(found)},
                expected[key], key)
        for register, value in eif.measurements(image).items():
            self.assertEqual(value, expected[register], register)

    def test_model_agrees_with_the_reference(self):
        for name, expected in EXPECTED.items():
            with self.subTest(image=name):
                found = initrd_model.from_docker_save(archive(name))
                self.assertEqual(images.sha256(found),
                                 expected["customer_initrd"]["sha256"])

    def test_as_docker_saved_it(self):
        for name in EXPECTED:
            for uri in (f"docker-archive:{archive(name)}", archive(name)):
                with self.subTest(uri=uri):
                    self.check(uri, name)

    @tools.need("skopeo", "zstd")
    def test_after_skopeo(self):
        for form, (target, options) in tools.SKOPEO_FORMS.items():
            oci = tools.writes_oci(form)
            for name in EXPECTED:
                with self.subTest(form=form, image=name):
                    place = tools.place_of(self.folder, name, form)
                    uri = target.format(place)
                    tools.skopeo_copy(f"docker-archive:{archive(name)}", uri,
                                      *options)
                    if form == CHUNKED and is_damaged(place):
                        self.output.unlink(missing_ok=True)
                        self.assert_error(self.try_build(uri), "E50", "digest")
                        continue
                    self.check(uri, name, emptied=oci)
                    if not uri.startswith("dir:"):
                        self.check(uri.split(":")[1], name, emptied=oci)

    @tools.need("podman", root=True)
    def test_after_podman(self):
        storage = tools.Storage(self.folder)
        for name in EXPECTED:
            loaded = storage.load(archive(name))
            for form, transport in tools.PODMAN_FORMS.items():
                with self.subTest(form=form, image=name):
                    place = tools.place_of(self.folder, name, form)
                    if name in PODMAN_REFUSES:
                        with self.assertRaisesRegex(tools.ToolError,
                                                    PODMAN_REFUSES[name]):
                            storage.save(loaded, form, place)
                        continue
                    storage.save(loaded, form, place)
                    self.check(f"{transport}:{place}", name,
                               emptied=tools.writes_oci(form))

    def test_neither_cmd_nor_entrypoint(self):
        result = self.try_build(archive("no-cmd-no-entrypoint"))
        self.assert_error(result, "E48")
        self.assertRegex(result.stderr, "(?i)cmd|entrypoint")


if __name__ == "__main__":
    unittest.main()
