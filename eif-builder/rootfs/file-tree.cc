#include "eif-builder/rootfs/file-tree.h"

#include <algorithm>

namespace ncli::rootfs {
namespace {

constexpr int kMostLinks = 40;  // as Linux follows in one path
// More than any path in use has, links included; bounds what hostile links
// cost.
constexpr int kMostPathSteps = 4096;
// Deeper than any path of kLongestPath bytes that is in use; bounds recursion.
constexpr std::size_t kDeepest = 1024;

}  // namespace

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    if (!part.empty() && part != ".") parts.push_back(part);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

std::shared_ptr<Inode> walk(const std::shared_ptr<Inode>& root,
                            std::string_view path, bool follow_last,
                            const Enter& enter, std::uint64_t* steps) {
  std::vector<std::shared_ptr<Inode>> way = {root};
  // What is still to be walked, last component first.
  std::vector<std::string> left;
  const auto push = [&left](std::string_view more) {
    const auto parts = split_path(more);
    left.insert(left.end(), parts.rbegin(), parts.rend());
  };
  push(path);
  int links = 0;
  int taken = 0;
  while (!left.empty()) {
    if (++taken > kMostPathSteps) return nullptr;
    if (steps != nullptr) ++*steps;
    const std::string name = std::move(left.back());
    left.pop_back();
    if (name == "..") {
      if (way.size() > 1) way.pop_back();
      continue;
    }
    if (!way.back()->is_directory()) return nullptr;
    std::shared_ptr<Inode> inode = enter(*way.back(), name);
    if (!inode) return nullptr;
    if (inode->type == FileType::kSymlink && (!left.empty() || follow_last)) {
      if (++links > kMostLinks) return nullptr;
      if (inode->target.starts_with('/')) way.resize(1);
      push(inode->target);
      continue;
    }
    if (way.size() > kDeepest) return nullptr;
    way.push_back(std::move(inode));
  }
  return way.back();
}

std::shared_ptr<Inode> find(const std::shared_ptr<Inode>& root,
                            std::string_view path) {
  return walk(root, path, false, [](Inode& directory, const std::string& name) {
    const auto found = directory.children->find(name);
    return found == directory.children->end() ? nullptr : found->second;
  });
}

void write_content(const Content& content, ByteSink& sink) {
  if (!content.sparse) {
    if (content.size != 0) {
      sink.write_from(*content.source, content.offset, content.size);
    }
    return;
  }
  std::uint64_t position = 0;
  for (const Segment& segment : *content.sparse) {
    sink.write_zeros(segment.file_offset - position);
    sink.write_from(*content.source, segment.source_offset, segment.length);
    position = segment.file_offset + segment.length;
  }
  sink.write_zeros(content.size - position);
}

}  // namespace ncli::rootfs
