#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "eif-builder/initramfs/cpio.h"
#include "eif-builder/initramfs/initramfs.h"

namespace ncli::initramfs {
namespace {

using rootfs::FileType;
using rootfs::Inode;

constexpr std::string_view kPrefix = "rootfs/";
constexpr auto kTime = static_cast<std::uint32_t>(rootfs::kFixedTime);
constexpr std::int64_t kLatestTime = 0xFFFFFFFF;

// The reference's own /etc/hosts, 160 bytes. Source: FORMATS.md section 4.3.
constexpr std::string_view kHosts =
    "127.0.0.1       localhost\n"
    "::1     localhost ip6-localhost ip6-loopback\n"
    "fe00::0 ip6-localnet\n"
    "ff00::0 ip6-mcastprefix\n"
    "ff02::1 ip6-allnodes\n"
    "ff02::2 ip6-allrouters\n";
static_assert(kHosts.size() == 160);
constexpr std::string_view kResolvConf = "/run/resolvconf/resolv.conf";
constexpr std::string_view kMounts = "/proc/mounts";

// Names of Docker's own files, which the image does not keep. They match files
// only: a directory's name ends in '/'.
constexpr std::array<std::string_view, 6> kDropped = {
    ".dockerenv", "Dockerfile", "dev/console",
    "dev/pts",    "dev/shm",    "etc/hostname"};

// Names whose time is fixed. Those that are not met are added at the end.
constexpr std::array<std::string_view, 9> kTouched = {
    "dev/",     "dev/pts/",        "dev/shm/", "etc/", "etc/hosts",
    "etc/mtab", "etc/resolv.conf", "proc/",    "sys/"};

constexpr std::array<std::string_view, 7> kTopDirectories = {
    "rootfs",     "rootfs/dev",  "rootfs/run", "rootfs/sys",
    "rootfs/var", "rootfs/proc", "rootfs/tmp"};

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::uint32_t type_bits(FileType type) {
  switch (type) {
    case FileType::kDirectory:
      return kDirectory;
    case FileType::kSymlink:
      return kSymlink;
    case FileType::kCharDevice:
      return kCharDevice;
    case FileType::kBlockDevice:
      return kBlockDevice;
    case FileType::kFifo:
      return kFifo;
    case FileType::kRegular:
    case FileType::kWhiteout:
      break;
  }
  return kRegular;
}

// The path from the directory of `name` to `target`, both relative to the
// same root.
std::string relative_path(std::string_view name, std::string_view target) {
  std::size_t common = 0;
  for (std::size_t i = 0; i < name.size() && i < target.size(); ++i) {
    if (name[i] != target[i]) break;
    if (name[i] == '/') common = i + 1;
  }
  std::string path;
  const std::string_view rest = name.substr(common);
  for (auto i = std::ranges::count(rest, '/'); i > 0; --i) path += "../";
  return path.append(target.substr(common));
}

// Walks the tree and hands every record to a sink, always in the same order.
class Emitter {
 public:
  Emitter(RecordSink& sink, std::vector<std::string>* warnings)
      : sink_(sink), warnings_(warnings) {}

  void emit(const rootfs::FileTree& tree,
            const std::vector<TopFile>& top_files) {
    sink_.start({.name = "rootfs", .mode = kDirectory | 0755, .mtime = kTime});
    std::string path;
    walk(tree.root(), path);
    add_untouched();
    for (const std::string_view name : kTopDirectories) {
      sink_.start({.name = name, .mode = kDirectory | 0755, .mtime = kTime});
    }
    for (const TopFile& file : top_files) {
      add_text(sink_,
               {.name = file.name, .mode = kRegular | 0644, .mtime = kTime},
               file.content);
    }
    sink_.finish();
    sum_up();
  }

 private:
  void walk(const Inode& directory, std::string& path) {
    for (const auto& [name, inode] : *directory.children) {
      const std::size_t length = path.size();
      path += name;
      if (inode->is_directory()) {
        path += '/';
        add(path, *inode, {});
        walk(*inode, path);
      } else {
        const std::string_view first =
            inode.use_count() > 1 ? first_name(*inode, path) : path;
        add(path, *inode, first);
      }
      path.resize(length);
    }
  }

  // The first name that the walk met of an inode with several.
  std::string_view first_name(const Inode& inode, const std::string& path) {
    return first_names_.try_emplace(&inode, path).first->second;
  }

  void add(std::string_view path, const Inode& inode, std::string_view first) {
    if (contains(kDropped, path)) return;
    const bool touched = contains(kTouched, path);
    if (touched) met_.emplace(path);
    name_.assign(kPrefix).append(path);
    Record record = {.name = name_,
                     .mode = type_bits(inode.type) | inode.attributes.mode,
                     .uid = inode.attributes.uid,
                     .gid = inode.attributes.gid,
                     .mtime = touched ? kTime : record_time(inode),
                     .device_major = inode.device_major,
                     .device_minor = inode.device_minor};
    if (path == "etc/hosts") return add_text(sink_, record, kHosts);
    const std::uint32_t as_link = kSymlink | inode.attributes.mode;
    if (path == "etc/resolv.conf") {
      record.mode = as_link;
      return add_text(sink_, record, kResolvConf);
    }
    if (!inode.is_directory() && first != path) {
      record.mode = as_link;
      return add_text(sink_, record, relative_path(path, first));
    }
    if (inode.type == FileType::kSymlink) {
      return add_text(sink_, record, inode.target);
    }
    add_content(record, inode, path);
  }

  void add_content(Record record, const Inode& inode, std::string_view path) {
    if (inode.content.size > kLargestFile) {
      throw Error(
          ErrorCode::kEifBuilding,
          cat("cannot take ", quote(path), " into the initramfs: it has ",
              human_size(inode.content.size),
              ", and an initramfs (cpio) holds files of up to 4 GiB; leave it "
              "out of the image or split it"));
    }
    record.size = static_cast<std::uint32_t>(inode.content.size);
    sink_.start(record);
    if (ByteSink* const data = sink_.data()) {
      rootfs::write_content(inode.content, *data);
    }
  }

  std::uint32_t record_time(const Inode& inode) {
    const std::int64_t time = inode.attributes.mtime;
    const std::int64_t kept = std::clamp<std::int64_t>(time, 0, kLatestTime);
    if (kept != time) ++clamped_times_;
    return static_cast<std::uint32_t>(kept);
  }

  void add_untouched() {
    for (const std::string_view name : kTouched) {
      if (met_.contains(name)) continue;
      name_.assign(kPrefix).append(name);
      if (name_.ends_with('/')) name_.pop_back();
      Record record = {.name = name_, .mtime = kTime};
      if (name == "etc/hosts") {
        record.mode = kRegular | 0644;
        add_text(sink_, record, kHosts);
      } else if (name == "etc/mtab") {
        record.mode = kSymlink | 0755;
        add_text(sink_, record, kMounts);
      } else if (name == "etc/resolv.conf") {
        record.mode = kSymlink | 0644;
        add_text(sink_, record, kResolvConf);
      } else {
        record.mode = kDirectory | 0755;
        sink_.start(record);
      }
    }
  }

  void sum_up() {
    if (warnings_ == nullptr || clamped_times_ == 0) return;
    warnings_->push_back(
        cat(clamped_times_,
            clamped_times_ == 1 ? " file has a time" : " files have times",
            " before 1970 or after 2106, which a cpio archive cannot hold: "
            "the nearest possible time was taken (nitro-cli writes a broken "
            "archive here)"));
  }

  RecordSink& sink_;
  std::vector<std::string>* warnings_;
  std::unordered_map<const Inode*, std::string> first_names_;
  std::set<std::string, std::less<>> met_;
  std::string name_;
  std::uint64_t clamped_times_ = 0;
};

}  // namespace

CustomerInitramfs::CustomerInitramfs(const rootfs::FileTree& tree,
                                     std::vector<TopFile> top_files)
    : tree_(tree), top_files_(std::move(top_files)) {
  CpioSizer sizer;
  Emitter(sizer, &warnings_).emit(tree_, top_files_);
  size_ = sizer.size();
}

void CustomerInitramfs::write(ByteSink& out) const {
  CpioWriter writer(out);
  Emitter(writer, nullptr).emit(tree_, top_files_);
}

}  // namespace ncli::initramfs
