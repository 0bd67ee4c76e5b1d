#include "base/error.h"
#include "base/text.h"
#include "eif-builder/initramfs/cpio.h"
#include "eif-builder/initramfs/initramfs.h"

namespace ncli::initramfs {
namespace {

constexpr auto kTime = static_cast<std::uint32_t>(rootfs::kFixedTime);

void add_file(RecordSink& sink, std::string_view name,
              const ByteSource& content) {
  if (content.size() > kLargestFile) {
    throw Error(ErrorCode::kEifBuilding,
                cat("cannot take ", quote(name), " into the initramfs: it has ",
                    human_size(content.size()), ", at most 4 GiB fit"));
  }
  sink.start({.name = name,
              .mode = kRegular | 0755,
              .mtime = kTime,
              .size = static_cast<std::uint32_t>(content.size())});
  if (ByteSink* const data = sink.data()) {
    data->write_from(content, 0, content.size());
  }
}

void add_all(const BootstrapInitramfs& initramfs, RecordSink& sink) {
  sink.start({.name = "dev", .mode = kDirectory | 0755, .mtime = kTime});
  add_file(sink, "init", *initramfs.init);
  if (initramfs.nsm) add_file(sink, "nsm.ko", *initramfs.nsm);
  sink.finish();
}

}  // namespace

std::uint64_t BootstrapInitramfs::size() const {
  CpioSizer sizer;
  add_all(*this, sizer);
  return sizer.size();
}

void BootstrapInitramfs::write(ByteSink& out) const {
  CpioWriter writer(out);
  add_all(*this, writer);
}

}  // namespace ncli::initramfs
