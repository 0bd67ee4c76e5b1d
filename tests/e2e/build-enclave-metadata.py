#!/usr/bin/env python3
"""The metadata section: its keys and their order, names, versions, build
times, custom metadata, what docker inspect would show."""

import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import eif
import images
import ncli
import sample

KEYS = ["ImageName", "ImageVersion", "BuildMetadata", "DockerInfo",
        "CustomMetadata"]
BUILD_KEYS = ["BuildTime", "BuildTool", "BuildToolVersion", "OperatingSystem",
              "KernelVersion"]


class Metadata(ncli.NcliTest):
    def write(self, image, name="my.image.tar", layout=images.docker_files):
        return images.write_archive(self.folder / name, layout(image))

    def metadata(self, path, *arguments, **options):
        _, built = self.build(path, *arguments, **options)
        [text] = built.of(eif.METADATA)
        value = json.loads(text)
        self.assertEqual(text, json.dumps(
            value, separators=(",", ":"), ensure_ascii=False).encode())
        return value

    def build_time(self, image, *arguments, **env):
        value = self.metadata(self.write(image), *arguments, env=env)
        return value["BuildMetadata"]["BuildTime"]

    def test_keys_and_their_order(self):
        image = sample.image(tag="edge:1")
        value = self.metadata(self.write(image))
        self.assertEqual(list(value), KEYS)
        self.assertEqual(list(value["BuildMetadata"]), BUILD_KEYS)
        self.assertEqual(value["ImageName"], "edge")
        self.assertEqual(value["ImageVersion"],
                         images.sha256(image.config_bytes()))
        self.assertEqual(value["CustomMetadata"], None)
        build = value["BuildMetadata"]
        self.assertEqual(build["BuildTool"], "ncli")
        version = ncli.run("--version").stdout.split()[1].decode()
        self.assertEqual(build["BuildToolVersion"], version)
        self.assertEqual((build["OperatingSystem"], build["KernelVersion"]),
                         ("Linux", "6.12.0"))

    def test_object_keys_are_sorted_within(self):
        def check(value):
            if isinstance(value, dict):
                self.assertEqual(list(value), sorted(value))
                value = list(value.values())
            for item in value if isinstance(value, list) else ():
                check(item)
        image = sample.image()
        image.config.update({"Labels": {"z": "1", "a": "2"},
                             "ExposedPorts": {"80/tcp": {}}})
        custom = self.folder / "custom.json"
        custom.write_text('{"z": {"y": 1, "b": [{"q": 1, "c": 2}]}, "a": 1}')
        value = self.metadata(self.write(image), "--metadata", custom)
        check(value["DockerInfo"])
        check(value["CustomMetadata"])
        self.assertEqual(value["CustomMetadata"],
                         json.loads(custom.read_text()))

    def test_docker_info(self):
        image = sample.image(tag="edge:1")
        image.config.update({"Labels": {"a": "b"}, "User": "1:2"})
        for layout in (images.docker_files, images.docker25_files):
            with self.subTest(layout=layout.__name__):
                path = self.write(image, layout=layout)
                info = self.metadata(path)["DockerInfo"]
                for key, wanted in {
                        "Id": images.digest(image.config_bytes()),
                        "RepoTags": ["edge:1"], "Architecture": "amd64",
                        "Os": "linux", "Created": images.CREATED}.items():
                    self.assertEqual(info[key], wanted, key)
                self.assertEqual(info["RootFS"], {
                    "Type": "layers",
                    "Layers": [images.digest(tar) for tar in image.tars()]})
                for key, wanted in image.config.items():
                    self.assertEqual(info["Config"][key], wanted, key)

    def test_image_names(self):
        for tag, wanted in (("edge:1", "edge"), ("a/b/c:latest", "a/b/c"),
                            ("localhost:5000/x:1", "localhost"),
                            (None, "my.image")):
            for layout in (images.docker_files, images.docker25_files,
                           images.oci_files):
                with self.subTest(tag=tag, layout=layout.__name__):
                    path = self.write(sample.image(tag=tag), layout=layout)
                    self.assertEqual(self.metadata(path)["ImageName"], wanted)

    def test_name_and_version_options(self):
        value = self.metadata(self.write(sample.image()), "--name", "n\u00e4me",
                              "--version=1.2 \"q\"")
        self.assertEqual((value["ImageName"], value["ImageVersion"]),
                         ("n\u00e4me", "1.2 \"q\""))

    def test_build_times(self):
        image = sample.image(created="2021-05-06T07:08:09.5Z")
        self.assertEqual(self.build_time(image)[:19], "2021-05-06T07:08:09")
        self.assertEqual(self.build_time(image, SOURCE_DATE_EPOCH="1600000000"),
                         "2020-09-13T12:26:40+00:00")
        given = "2001-02-03T04:05:06+00:00"
        self.assertEqual(self.build_time(image, "--build-time", given,
                                         SOURCE_DATE_EPOCH="1600000000"), given)
        self.assertEqual(
            self.build_time(image, "--build-time", "2001-02-03T05:05:06+01:00"),
            given)
        for created in (None, "", "nonsense"):
            with self.subTest(created=created):
                now = self.build_time(sample.image(created=created))
                self.assertRegex(now, r"^20[2-9]\d-\d\d-\d\dT.*\+00:00$")

    def test_bad_build_times(self):
        path = self.write(sample.image())
        for text in ("yesterday", "2021-13-01T00:00:00Z",
                     "2021-02-30T00:00:00Z",
                     "2021-01-01", "-1x"):
            with self.subTest(text=text):
                result = self.try_build(path, f"--build-time={text}")
                self.assert_error(result, "E03")
        for text in ("x", "1.5", "-", "99999999999999999999999"):
            with self.subTest(epoch=text):
                result = self.try_build(path, env={"SOURCE_DATE_EPOCH": text})
                self.assert_error(result, "E03")

    def test_custom_metadata(self):
        path, custom = self.write(sample.image()), self.folder / "custom.json"
        for text, wanted in (("null", None), ("{}", {}),
                             ('{"k": [1, "\u00fc", null]}',
                              {"k": [1, "\u00fc", None]}),
                             ('{"n": 12345678901234567890}',
                              {"n": 12345678901234567890})):
            custom.write_text(text)
            with self.subTest(text=text):
                value = self.metadata(path, "--metadata", custom)
                self.assertIn(value["CustomMetadata"], (wanted, wanted or None))

    def test_bad_custom_metadata(self):
        path, custom = self.write(sample.image()), self.folder / "custom.json"
        big = json.dumps({"k": "x" * 4096})
        for text in ("", "[1]", "1", '"text"', "{", '{"a":1} x', big,
                     '{"BuildTime": 1}', '{"DockerInfo": 1}', "\xff{}"):
            custom.write_text(text, encoding="latin-1")
            with self.subTest(text=text[:40]):
                result = self.try_build(path, "--metadata", custom)
                self.assert_error(result, "E48")
        result = self.try_build(path, "--metadata", self.folder / "missing")
        self.assert_error(result, "E48", str(self.folder / "missing"))

    def test_limit_of_custom_metadata_is_4096_bytes(self):
        path, custom = self.write(sample.image()), self.folder / "custom.json"
        for size in (4095, 4096, 4097):
            custom.write_text('{"k":"%s"}' % ("x" * (size - 8)))
            self.assertEqual(custom.stat().st_size, size)
            self.output.unlink(missing_ok=True)
            result = self.try_build(path, "--metadata", custom)
            self.assertEqual(result.status, 0 if size <= 4096 else 48)

    def test_kernel_version(self):
        path, config = self.write(sample.image()), self.folder / "config"
        for text, wanted in (
                ("#\n# Automatically\n# Linux/x86 4.14.256 Kernel\n",
                 ("Linux", "4.14.256")),
                ("#\n#\n# Linux/arm64-v8 5.10 K\n", ("Linux", "v8")),
                ("", ("Unknown", "Unknown")),
                ("a\nb\n", ("Unknown", "Unknown")),
                ("a\nb\nc\n", ("Unknown", "Unknown"))):
            config.write_text(text)
            with self.subTest(text=text):
                build = self.metadata(path, "--kernel-config",
                                      config)["BuildMetadata"]
                self.assertEqual((build["OperatingSystem"],
                                  build["KernelVersion"]), wanted)

    def test_metadata_does_not_change_the_measurements(self):
        path = self.write(sample.image())
        plain, _ = self.build(path)
        named, _ = self.build(path, "--name", "x", "--build-time",
                              "2001-02-03T04:05:06Z")
        self.assertEqual(plain.stdout, named.stdout)
        self.assertTrue(re.search(rb'"PCR2": "[0-9a-f]{96}"', plain.stdout))


if __name__ == "__main__":
    unittest.main()
