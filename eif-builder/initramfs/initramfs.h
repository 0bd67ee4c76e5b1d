// The two initial RAM file systems of an enclave image, as deterministic cpio
// bytes whose number is known before the first one is written.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte-io.h"
#include "eif-builder/rootfs/file-tree.h"

namespace ncli::initramfs {

// A small file at the top of the customer's initramfs, mode 0644.
struct TopFile {
  std::string name;
  std::string content;
};

// The bootstrap initramfs: dev, init and, unless null, nsm.ko.
// Source: FORMATS.md section 2.
struct BootstrapInitramfs {
  std::shared_ptr<const ByteSource> init;
  std::shared_ptr<const ByteSource> nsm;

  std::uint64_t size() const;
  void write(ByteSink& out) const;
};

// The customer's initramfs: the image's files below rootfs/, then `top_files`.
// Source: FORMATS.md sections 3 and 4.
class CustomerInitramfs {
 public:
  // `tree` is complete (layers, init layer, working directory) and outlives
  // this. E48 when a file is larger than a cpio record can hold.
  CustomerInitramfs(const rootfs::FileTree& tree,
                    std::vector<TopFile> top_files);

  std::uint64_t size() const { return size_; }
  // What had to be changed to keep the archive valid, in whole sentences.
  const std::vector<std::string>& warnings() const { return warnings_; }
  void write(ByteSink& out) const;

 private:
  const rootfs::FileTree& tree_;
  std::vector<TopFile> top_files_;
  std::uint64_t size_ = 0;
  std::vector<std::string> warnings_;
};

}  // namespace ncli::initramfs
