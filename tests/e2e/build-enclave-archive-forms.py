#!/usr/bin/env python3
"""One image gives one initrd, however its archive is written: compression,
order, prefixes, labels, tags."""

import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import images
import ncli
import sample
import tools

WRITERS = {"docker-archive": images.docker_files,
           "oci-archive": images.oci_files}
PACKED = ("gzip", "zstd", "xz", "bzip2")


def in_halves(form):
    """Compression into two concatenated members, as parallel tools write."""
    def compress(data):
        return b"".join(images.COMPRESSORS[form](part) for part in
                        (data[:len(data) // 2], data[len(data) // 2:]))
    return compress


class ArchiveForms(ncli.NcliTest):
    def write(self, files, name="image.tar", **options):
        return images.write_archive(self.folder / name, files, **options)

    def test_every_layout_plain(self):
        for write in (images.docker_files, images.docker25_files,
                      images.oci_files):
            with self.subTest(layout=write.__name__):
                path = self.write(write(sample.image()))
                self.assert_model(path, sample.image())

    @tools.need("zstd")
    def test_whole_archive_compressed(self):
        for transport, write in WRITERS.items():
            for form in PACKED:
                with self.subTest(transport=transport, form=form):
                    path = self.write(write(sample.image()), compression=form)
                    self.assert_model(path, sample.image())
                    self.assert_model(f"{transport}:{path}", sample.image())

    @tools.need("zstd")
    def test_layers_compressed(self):
        for write in (images.docker_files, images.docker25_files,
                      images.oci_files):
            for form in PACKED:
                with self.subTest(layout=write.__name__, form=form):
                    image = sample.image(compression=form)
                    self.assert_model(self.write(write(image)), image)

    @tools.need("zstd")
    def test_each_layer_its_own_compression_in_a_compressed_archive(self):
        image = sample.image(compression=["zstd", "plain"])
        path = self.write(images.oci_files(image), compression="gzip")
        self.assert_model(path, image)

    @tools.need("zstd")
    def test_concatenated_members(self):
        for form in PACKED:
            with self.subTest(form=form):
                images.COMPRESSORS["halves"] = in_halves(form)
                images.LABELS["halves"] = images.LABELS[form]
                image = sample.image(compression="halves")
                self.assert_model(self.write(images.oci_files(image)), image)
                path = self.write(images.docker_files(sample.image()),
                                  compression="halves")
                self.assert_model(path, image)

    @tools.need("zstd")
    def test_zstd_skippable_frames(self):
        skippable = b"\x50\x2a\x4d\x18\x04\0\0\0skip"
        images.COMPRESSORS["skips"] = lambda data: (
            skippable + images.zstd(data) + skippable)
        images.LABELS["skips"] = "+zstd"
        image = sample.image(compression="skips")
        self.assert_model(self.write(images.oci_files(image)), image)

    @tools.need("zstd")
    def test_media_type_labels_lie(self):
        for form, label in (("plain", "+gzip"), ("gzip", ""), ("gzip", "+zstd"),
                            ("zstd", "+gzip"), ("xz", "+gzip"),
                            ("bzip2", ""), ("plain", "+zstd")):
            with self.subTest(form=form, label=label):
                image = sample.image(compression=form, label=label)
                self.assert_model(self.write(images.oci_files(image)), image)

    def test_docker_media_types_in_an_oci_directory(self):
        files = images.oci_files(sample.image(compression="gzip"))
        [manifest] = [path for path, data in files.items()
                      if b'"layers":' in data and b'"config":{"m' in data]
        text = files.pop(manifest)
        for old, new in (
                (images.MANIFEST_TYPE, images.DOCKER_MANIFEST_TYPE),
                (images.CONFIG_TYPE, images.DOCKER + "container.image.v1+json"),
                (images.LAYER_TYPE + "+gzip",
                 images.DOCKER + "image.rootfs.diff.tar.gzip")):
            text = text.replace(old.encode(), new.encode())
        descriptor = images.put_blob(files, text, images.DOCKER_MANIFEST_TYPE)
        path = images.write_directory(self.folder / "layout",
                                      images.layout(files, [descriptor]))
        self.assert_model(f"oci:{path}", sample.image())

    def test_name_prefixes_and_directory_members(self):
        for transport, write in WRITERS.items():
            for prefix in ("./", "/", ".//"):
                for directories in (False, True):
                    with self.subTest(transport=transport, prefix=prefix,
                                      directories=directories):
                        path = self.write(write(sample.image()), prefix=prefix,
                                          directories=directories)
                        self.assert_model(f"{transport}:{path}", sample.image())

    def test_any_member_order(self):
        shuffle = random.Random(2)
        orders = [sorted, lambda paths: paths[::-1]]
        orders += [lambda paths: shuffle.sample(paths, len(paths))] * 5
        for transport, write in WRITERS.items():
            for index, order in enumerate(orders):
                for compression in ("plain", "gzip"):
                    with self.subTest(transport=transport, order=index,
                                      compression=compression):
                        path = self.write(
                            write(sample.image(compression=compression)),
                            order=order, compression=compression)
                        self.assert_model(path, sample.image())

    def test_shared_layer_saved_as_a_symlink(self):
        image = sample.image()
        image.layers += image.layers[:1]
        files = images.share_layers(images.docker_files(image))
        self.assertEqual(sum(isinstance(value, str)
                             for value in files.values()), 1)
        for order in (None, sorted, lambda paths: sorted(paths)[::-1]):
            for compression in ("plain", "xz"):
                with self.subTest(order=order, compression=compression):
                    path = self.write(files, order=order,
                                      compression=compression)
                    self.assert_model(path, image)

    def test_one_layer_twice(self):
        image = sample.image(compression="gzip")
        image.layers = image.layers[:1] * 3
        for write in WRITERS.values():
            self.assert_model(self.write(write(image)), image)

    def test_no_layers(self):
        image = images.Image([])
        for write in (images.docker_files, images.docker25_files,
                      images.oci_files):
            with self.subTest(layout=write.__name__):
                self.assert_model(self.write(write(image)), image)
        files = images.docker_files(image)
        files["manifest.json"] = files["manifest.json"].replace(b"[]", b"null")
        self.assert_model(self.write(files), image)

    def test_untagged(self):
        for write in (images.docker_files, images.docker25_files,
                      images.oci_files):
            with self.subTest(layout=write.__name__):
                path = self.write(write(sample.image(tag=None)),
                                  name="my-image.tar")
                self.assert_model(path, sample.image())

    def test_paths_with_colons(self):
        files = images.docker_files(sample.image(tag="edge:1"))
        for name in ("a:b.tar", "image:latest"):
            path = self.write(files, name=name)
            for uri in (path, f"docker-archive:{path}",
                        f"docker-archive:{path}:edge:1"):
                with self.subTest(uri=uri):
                    self.assert_model(uri, sample.image())

    def test_oci_directory(self):
        path = images.write_directory(self.folder / "layout",
                                      images.oci_files(sample.image()))
        for uri in (path, path + "/", f"oci:{path}", f"oci:{path}:edge:1"):
            with self.subTest(uri=uri):
                self.assert_model(uri, sample.image())

    def test_unpacked_docker_save(self):
        """A save of docker >= 25 is an OCI directory once it is unpacked."""
        path = images.write_directory(self.folder / "layout",
                                      images.docker25_files(sample.image()))
        self.assert_model(f"oci:{path}", sample.image())
        self.assert_model(path, sample.image())


class NotAnImage(ncli.NcliTest):
    def test_bare_name(self):
        for name in ("hello-world:latest", "hello-world"):
            result = self.try_build(name)
            self.assert_error(result, "E50", name, "docker-archive:",
                              "oci-archive:")

    def test_missing_paths(self):
        for transport in ("docker-archive", "oci-archive", "oci", "dir"):
            with self.subTest(transport=transport):
                result = self.try_build(f"{transport}:{self.folder}/missing")
                self.assert_error(result, "E50", f"{self.folder}/missing")

    def test_other_files(self):
        text, empty = self.folder / "text", self.folder / "empty"
        text.write_text("not an archive\n" * 100)
        empty.touch()
        tar = images.write_archive(self.folder / "x.tar", {"a": b"b"})
        zip_gz = self.folder / "text.gz"
        zip_gz.write_bytes(images.COMPRESSORS["gzip"](text.read_bytes()))
        for path in (text, empty, tar, zip_gz, self.folder):
            for prefix in ("", "docker-archive:", "oci-archive:"):
                with self.subTest(path=path, prefix=prefix):
                    result = self.try_build(f"{prefix}{path}")
                    self.assert_error(result, "E50", str(path))

    def test_wrong_transport_says_so(self):
        path = images.write_archive(self.folder / "i.tar",
                                    images.docker_files(sample.image()))
        self.assert_error(self.try_build(f"oci-archive:{path}"), "E50", path)
        self.assert_error(self.try_build(f"oci:{path}"), "E50", path)


if __name__ == "__main__":
    unittest.main()
