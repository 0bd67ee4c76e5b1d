"""Container images made from python layer descriptions, as the files that
docker, podman, skopeo and BuildKit write."""

import bz2
import dataclasses
import gzip
import hashlib
import json
import lzma
import os
import pathlib
import subprocess

import tar_entries

CREATED = "2020-01-01T00:00:00Z"
OCI = "application/vnd.oci.image."
INDEX_TYPE, MANIFEST_TYPE = OCI + "index.v1+json", OCI + "manifest.v1+json"
CONFIG_TYPE, LAYER_TYPE = OCI + "config.v1+json", OCI + "layer.v1.tar"
DOCKER = "application/vnd.docker."
DOCKER_LIST_TYPE = DOCKER + "distribution.manifest.list.v2+json"
DOCKER_MANIFEST_TYPE = DOCKER + "distribution.manifest.v2+json"
REF_NAME = "org.opencontainers.image.ref.name"
LABELS = {"plain": "", "gzip": "+gzip", "zstd": "+zstd", "xz": "+xz",
          "bzip2": "+bzip2"}
LINK = "link:"                 # a file's value of this text + target: symlink


def zstd(data, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


COMPRESSORS = {
    "plain": bytes, "gzip": lambda data: gzip.compress(data, mtime=0),
    "zstd": zstd, "xz": lzma.compress, "bzip2": bz2.compress}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def digest(data):
    return "sha256:" + sha256(data)


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


@dataclasses.dataclass
class Image:
    """One image; a layer is a list of tar_entries.Entry or a tar's bytes."""
    layers: list
    config: dict = dataclasses.field(
        default_factory=lambda: {"Env": ["PATH=/bin"], "Cmd": ["/bin/x"]})
    tag: str = "edge:1"
    architecture: str = "amd64"
    compression: object = "plain"      # one for all layers, or a list
    label: str = None                  # media type suffix that may be a lie
    created: str = CREATED
    extra: dict = dataclasses.field(default_factory=dict)

    def tars(self):
        return [layer if isinstance(layer, bytes)
                else tar_entries.archive(layer) for layer in self.layers]

    def forms(self):
        if isinstance(self.compression, str):
            return [self.compression] * len(self.layers)
        return self.compression

    def blobs(self):
        """(stored bytes, media type suffix) of each layer, bottom first."""
        return [(COMPRESSORS[form](tar),
                 LABELS[form] if self.label is None else self.label)
                for tar, form in zip(self.tars(), self.forms())]

    def config_bytes(self):
        return compact({
            "architecture": self.architecture, "os": "linux",
            "created": self.created, "config": self.config,
            "rootfs": {"type": "layers",
                       "diff_ids": [digest(tar) for tar in self.tars()]},
            "history": [{"created": self.created, "created_by": f"step {index}"}
                        for index in range(len(self.layers))], **self.extra})


def docker_files(*images):
    """What docker save (up to 24) writes: {path: bytes or LINK text}."""
    files, manifest = {}, []
    for image in images:
        names = []
        for index, (blob, _) in enumerate(image.blobs()):
            folder = sha256(b"%d" % index + blob)
            files[f"{folder}/VERSION"] = b"1.0"
            files[f"{folder}/json"] = compact({"id": folder})
            files[f"{folder}/layer.tar"] = blob
            names.append(f"{folder}/layer.tar")
        config = image.config_bytes()
        files[sha256(config) + ".json"] = config
        manifest.append({"Config": sha256(config) + ".json",
                         "RepoTags": [image.tag] if image.tag else None,
                         "Layers": names})
    files["manifest.json"] = compact(manifest)
    return files


def share_layers(files):
    """Legacy files in which a layer that occurs twice is a symlink to its
    first place, as docker save writes it."""
    places, shared = {}, {}
    for path, data in files.items():
        if path.endswith("/layer.tar") and data in places:
            shared[path] = f"{LINK}../{places[data]}"
        else:
            shared[path] = data
            places.setdefault(data, path)
    return shared


def put_blob(files, data, media_type, **fields):
    """Stores a blob; returns its descriptor."""
    files["blobs/sha256/" + sha256(data)] = data
    return {"mediaType": media_type, "digest": digest(data), "size": len(data),
            **fields}


def put_image(files, image):
    """Stores an image's blobs; returns its manifest's descriptor."""
    layers = [put_blob(files, blob, LAYER_TYPE + suffix)
              for blob, suffix in image.blobs()]
    config = put_blob(files, image.config_bytes(), CONFIG_TYPE)
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE,
                "config": config, "layers": layers}
    fields = {"platform": {"architecture": image.architecture, "os": "linux"}}
    if image.tag:
        fields["annotations"] = {REF_NAME: image.tag}
    return put_blob(files, compact(manifest), MANIFEST_TYPE, **fields)


def put_attestation(files, subject):
    """BuildKit's provenance beside the image that `subject` describes."""
    layer = put_blob(files, b'{"_type":"statement"}',
                     "application/vnd.in-toto+json")
    config = put_blob(files, compact({
        "architecture": "unknown", "os": "unknown", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}}),
        CONFIG_TYPE)
    manifest = compact({"schemaVersion": 2, "mediaType": MANIFEST_TYPE,
                        "config": config, "layers": [layer]})
    return put_blob(
        files, manifest, MANIFEST_TYPE,
        platform={"architecture": "unknown", "os": "unknown"},
        annotations={"vnd.docker.reference.digest": subject["digest"],
                     "vnd.docker.reference.type": "attestation-manifest"})


def put_index(files, descriptors, tag=None, media_type=INDEX_TYPE):
    """Stores an index of `descriptors`; returns its own descriptor."""
    fields = {"annotations": {REF_NAME: tag}} if tag else {}
    return put_blob(files, index_bytes(descriptors, media_type), media_type,
                    **fields)


def index_bytes(descriptors, media_type=INDEX_TYPE):
    return compact({"schemaVersion": 2, "mediaType": media_type,
                    "manifests": descriptors})


def layout(files, descriptors):
    """Completes an OCI layout: oci-layout and index.json."""
    return {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', **files,
            "index.json": index_bytes(descriptors)}


def oci_files(*images):
    """An OCI layout that holds these images."""
    files = {}
    return layout(files, [put_image(files, image) for image in images])


def docker25_files(*images):
    """docker save from 25 on: an OCI layout with a manifest.json beside."""
    files = oci_files(*images)
    manifest = [{
        "Config": "blobs/sha256/" + sha256(image.config_bytes()),
        "RepoTags": [image.tag] if image.tag else None,
        "Layers": ["blobs/sha256/" + sha256(blob) for blob, _ in image.blobs()]}
        for image in images]
    return {**files, "manifest.json": compact(manifest)}


def archive_bytes(files, prefix="", order=None, directories=False):
    """Files -> a tar; `order` sorts the paths, `prefix` goes before each."""
    members, made = [], set()
    for path in order(list(files)) if order else files:
        for parent in reversed(pathlib.PurePosixPath(path).parents[:-1]):
            if directories and parent not in made:
                made.add(parent)
                members.append(tar_entries.directory(f"{prefix}{parent}/"))
        value = files[path]
        if isinstance(value, str):
            members.append(tar_entries.symlink(prefix + path,
                                               value.removeprefix(LINK)))
        else:
            members.append(tar_entries.file(prefix + path, value))
    return tar_entries.archive(members)


def write_archive(path, files, compression="plain", **options):
    data = COMPRESSORS[compression](archive_bytes(files, **options))
    pathlib.Path(path).write_bytes(data)
    return str(path)


def write_directory(path, files):
    for name, value in files.items():
        place = pathlib.Path(path, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(value, str):
            os.symlink(value.removeprefix(LINK), place)
        else:
            place.write_bytes(value)
    return str(path)
