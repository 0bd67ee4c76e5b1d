#!/usr/bin/env python3
"""Every digest and size that an archive states is checked, and what is cut
short or missing is refused."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import images
import ncli
import sample
from tar_entries import file

OTHER = "sha256:" + "0" * 63 + "1"


def blob_of(files, mark):
    """The path of the one JSON blob that holds `mark`."""
    [path] = [path for path, data in files.items()
              if data[:1] == b"{" and mark in data and "blobs" in path]
    return path


class Digests(ncli.NcliTest):
    def refuse(self, files, *words):
        self.output.unlink(missing_ok=True)
        path = images.write_archive(self.folder / "i.tar", files)
        self.assert_error(self.try_build(path), "E50", *words)

    def relink(self, files, path, data):
        """Replaces a blob and every digest and size that led to it, so that
        only `data` itself is wrong."""
        old = path.rsplit("/", 1)[1]
        size = len(files.pop(path))
        new = images.put_blob(files, data, "")["digest"][7:]
        for name, text in list(files.items()):
            if old.encode() not in text:
                continue
            changed = text.replace(old.encode(), new.encode()).replace(
                b'"size":%d' % size, b'"size":%d' % len(data))
            if name.startswith("blobs/"):
                self.relink(files, name, changed)
            else:
                files[name] = changed

    def test_contents_changed(self):
        """Every blob in turn, one byte."""
        for write in (images.oci_files, images.docker25_files):
            for form in ("plain", "gzip"):
                whole = write(sample.image(compression=form))
                for path in whole:
                    if not path.startswith("blobs/"):
                        continue
                    for at in (10, len(whole[path]) // 2):
                        with self.subTest(layout=write.__name__, path=path,
                                          at=at, form=form):
                            files = dict(whole)
                            changed = bytearray(files[path])
                            changed[at] ^= 1
                            files[path] = bytes(changed)
                            if write is images.docker25_files and (
                                    b'"layers":' in files[path]):
                                continue    # manifest.json says enough
                            self.refuse(files)

    def test_docker_layer_changed(self):
        for form in ("plain", "gzip"):
            files = images.docker_files(sample.image())
            layers = [path for path in files if path.endswith("layer.tar")]
            for path in layers:
                with self.subTest(form=form, path=path):
                    changed = dict(files)
                    text = files[path].replace(b"kept", b"KEPT", 1).replace(
                        b"new", b"NEW", 1)
                    changed[path] = images.COMPRESSORS[form](text)
                    self.refuse(changed, "digest")

    def test_docker_config_is_not_what_its_name_says(self):
        files = images.docker_files(sample.image())
        [name] = [path for path in files if path.endswith(".json")
                  and len(path) == 69]
        files[name] = files[name].replace(b"/bin/x", b"/bin/y")
        self.refuse(files, "digest")

    def test_wrong_diff_ids(self):
        for write in (images.oci_files, images.docker25_files,
                      images.docker_files):
            for form in ("plain", "gzip"):
                image = sample.image(compression=form)
                ids = [images.digest(tar) for tar in image.tars()]
                for wrong in ([OTHER, ids[1]], [ids[0], OTHER], ids[::-1],
                              ids[:1], ids + [OTHER], [], "text", [1, 2],
                              ["md5:00", ids[1]], ["sha256:xyz", ids[1]]):
                    with self.subTest(layout=write.__name__, form=form,
                                      wrong=wrong):
                        image.extra = {"rootfs": {"type": "layers",
                                                  "diff_ids": wrong}}
                        self.refuse(write(image))

    def test_wrong_sizes_in_descriptors(self):
        for mark in (b'"layers":', b'"config":{"'):
            files = images.oci_files(sample.image())
            path = blob_of(files, b'"layers":')
            text = files[path]
            at = text.index(b'"size":', text.index(mark))
            wrong = text[:at] + b'"size":1' + text[at + 7:]
            self.relink(files, path, wrong)
            with self.subTest(mark=mark):
                self.refuse(files)
        files = images.oci_files(sample.image())
        files["index.json"] = files["index.json"].replace(b'"size":',
                                                          b'"size":1')
        self.refuse(files)

    def test_missing_members(self):
        for write in (images.oci_files, images.docker25_files,
                      images.docker_files):
            whole = write(sample.image())
            for path in whole:
                if path.endswith(("VERSION", "/json", "oci-layout")):
                    continue
                if write is images.docker25_files and (
                        path == "index.json" or b'"layers":' in whole[path]
                        or path == "manifest.json"):
                    continue                # the other one says enough
                with self.subTest(layout=write.__name__, path=path):
                    files = dict(whole)
                    del files[path]
                    self.refuse(files)

    def test_dir_transport(self):
        image = sample.image(compression="gzip")
        files = images.oci_files(image)
        manifest = blob_of(files, b'"layers":')
        flat = {path.rsplit("/", 1)[1]: data for path, data in files.items()
                if path.startswith("blobs/")}
        flat["manifest.json"] = flat.pop(manifest.rsplit("/", 1)[1])
        flat["version"] = b"Directory Transport Version: 1.1\n"
        path = images.write_directory(self.folder / "good", flat)
        self.assert_model(f"dir:{path}", image)
        self.output.unlink()
        for name in sorted(flat):
            if name in ("manifest.json", "version"):
                continue
            with self.subTest(name=name):
                place = self.folder / f"bad-{name[:8]}"
                images.write_directory(place, {**flat, name: flat[name] + b" "})
                self.assert_error(self.try_build(f"dir:{place}"), "E50")

    def test_truncated_archives(self):
        image = images.Image([[file("big", b"0123456789abcdef" * 3000)]])
        for write in (images.docker_files, images.oci_files):
            for form in ("plain", "gzip", "xz", "bzip2"):
                path = self.folder / "i.tar"
                images.write_archive(path, write(image), compression=form)
                whole = path.read_bytes()
                # Plain: less than the final zero blocks may still be whole.
                end = len(whole) - (1024 if form == "plain" else 1)
                for cut in (1, 100, 512, end // 3, end // 2, end - 600,
                            end - 20, end - 1):
                    with self.subTest(layout=write.__name__, form=form,
                                      cut=cut):
                        if form == "plain" and cut > end - 512:
                            continue
                        path.write_bytes(whole[:max(cut, 0)])
                        self.output.unlink(missing_ok=True)
                        self.assert_error(self.try_build(path), "E50")

    def test_truncated_layers(self):
        """The archive is whole and says the cut layer's digest."""
        tar = sample.image().tars()[1]
        for form in ("plain", "gzip", "xz", "bzip2"):
            packed = images.COMPRESSORS[form](tar)
            end = len(packed) - (1024 if form == "plain" else 0)
            for cut in (1, end // 3, end // 2, end - 9):
                with self.subTest(form=form, cut=cut):
                    images.COMPRESSORS["cut"] = lambda _: packed[:cut]
                    images.LABELS["cut"] = images.LABELS[form]
                    image = images.Image([tar], compression="cut")
                    self.refuse(images.oci_files(image))

    def test_streams_cut_in_their_first_block(self):
        """The reason is told, not that there is nothing in them."""
        for form in ("gzip", "zstd", "xz", "bzip2"):
            path = images.write_archive(
                self.folder / "w.tar", images.docker_files(sample.image()),
                compression=form)
            data = pathlib.Path(path).read_bytes()
            pathlib.Path(path).write_bytes(data[:-4])
            result = self.try_build(path)
            self.assert_error(result, "E50")
            self.assertNotIn("neither manifest.json", result.stderr, form)

    def test_manifest_beside_a_docker_manifest(self):
        image = sample.image()
        files = images.docker25_files(image)
        name = json.loads(files["index.json"])["manifests"][0]["digest"]
        files["blobs/sha256/" + name.split(":")[1]] += b" "
        path = images.write_archive(self.folder / "i.tar", files)
        self.assert_error(self.try_build(path), "E50", name)

    def test_no_digest_at_all(self):
        files = images.oci_files(sample.image())
        for bad in ("", "sha256:", "sha256:../../../etc/passwd", "md5:aa",
                    "sha256:" + "g" * 64, 5, None):
            index = json.loads(files["index.json"])
            index["manifests"][0]["digest"] = bad
            with self.subTest(digest=bad):
                self.refuse({**files, "index.json": images.compact(index)})


if __name__ == "__main__":
    unittest.main()
