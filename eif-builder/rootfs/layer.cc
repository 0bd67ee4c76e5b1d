#include "eif-builder/rootfs/layer.h"

#include <map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace ncli::rootfs {
namespace {

constexpr std::string_view kWhiteoutPrefix = ".wh.";
constexpr std::string_view kWhiteoutMetaPrefix = ".wh..wh.";
constexpr std::string_view kOpaqueMarker = ".wh..wh..opq";

Error entry_error(std::string_view path, std::string_view reason) {
  return Error(ErrorCode::kEifBuilding,
               cat("cannot take ", quote(path), ": ", reason));
}

// Names as Docker cleans them: ".." never climbs above the root.
std::vector<std::string> clean(std::string_view path) {
  std::vector<std::string> parts;
  for (const std::string_view part : split_path(path)) {
    if (part != "..") {
      parts.emplace_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  return parts;
}

template <class Iterator>
std::string join(Iterator part, Iterator end) {
  std::string path;
  for (; part != end; ++part) path += "/" + *part;
  return path;
}

void check_lengths(std::string_view path) {
  if (path.size() > kLongestPath) {
    throw entry_error(path, cat("its path has more than ", kLongestPath,
                                " bytes, which Linux cannot open"));
  }
  for (const std::string_view part : split_path(path)) {
    // A whiteout is no name itself but stands for one.
    const std::size_t prefix =
        part.starts_with(kWhiteoutPrefix) ? kWhiteoutPrefix.size() : 0;
    if (part.size() - prefix > kLongestName) {
      throw entry_error(path, cat("a name in it has more than ", kLongestName,
                                  " bytes, which Linux cannot hold"));
    }
  }
}

// A layer's directory as one of a finished tree: whiteouts have nothing to
// hide any more.
void settle(Inode& directory) {
  directory.opaque = false;
  directory.implied = false;
  std::erase_if(*directory.children, [](const auto& entry) {
    return entry.second->type == FileType::kWhiteout;
  });
  for (const auto& [name, inode] : *directory.children) {
    if (inode->is_directory()) settle(*inode);
  }
}

void merge_directory(Inode& lower, Inode& upper) {
  if (upper.opaque) lower.children->clear();
  if (!upper.implied) lower.attributes = upper.attributes;
  for (auto& [name, inode] : *upper.children) {
    if (inode->type == FileType::kWhiteout) {
      lower.children->erase(name);
      continue;
    }
    std::shared_ptr<Inode>& below = (*lower.children)[name];
    if (inode->is_directory() && below && below->is_directory()) {
      merge_directory(*below, *inode);
      continue;
    }
    if (inode->is_directory()) settle(*inode);
    below = std::move(inode);
  }
}

// One directory of the tree that a layer over a lower one will make.
struct MergedPlace {
  std::shared_ptr<Inode> upper;
  std::shared_ptr<Inode> lower;

  const std::shared_ptr<Inode>& visible() const {
    return upper ? upper : lower;
  }
};

MergedPlace enter_merged(const MergedPlace& place, const std::string& name) {
  const auto child = [&](const std::shared_ptr<Inode>& directory) {
    if (!directory || !directory->is_directory())
      return std::shared_ptr<Inode>();
    const auto found = directory->children->find(name);
    return found == directory->children->end() ? nullptr : found->second;
  };
  MergedPlace next = {.upper = child(place.upper), .lower = {}};
  const bool hides = place.upper && place.upper->opaque;
  if (!hides && (!next.upper || next.upper->is_directory())) {
    next.lower = child(place.lower);
  }
  return next;
}

// What a process would find at `path` once the layer is merged: null when there
// is nothing, a whiteout when the layer removes it. A last link is not
// followed.
std::shared_ptr<Inode> find_merged(const std::shared_ptr<Inode>& upper,
                                   const std::shared_ptr<Inode>& lower,
                                   std::string_view path,
                                   std::uint64_t& steps) {
  // walk() goes through the visible inodes; where these lie is kept beside.
  std::map<const Inode*, MergedPlace> places;
  places[upper.get()] = {upper, lower};
  return walk(
      upper, path, false,
      [&](Inode& directory, const std::string& name) {
        const MergedPlace next = enter_merged(places.at(&directory), name);
        if (next.visible()) places[next.visible().get()] = next;
        return next.visible();
      },
      &steps);
}

}  // namespace

// The child `name` of `directory`, made as a directory when it is missing.
std::shared_ptr<Inode> Layer::enter(Inode& directory, const std::string& name) {
  std::shared_ptr<Inode>& child = (*directory.children)[name];
  if (child && child->type != FileType::kWhiteout) return child;
  // A file below a name that this layer removes: a new directory, which shows
  // nothing of the removed one.
  const bool removed = child != nullptr;
  child = std::make_shared<Inode>(FileType::kDirectory);
  child->implied = true;
  child->opaque = removed;
  ++entries_;
  return child;
}

// The parent of `path` inside this layer only (symbolic links of the layer are
// followed, missing directories are made), and its last component.
Layer::Place Layer::place_of(std::string_view path, bool for_whiteout) {
  const std::vector<std::string> parts = clean(path);
  if (parts.empty()) return {root_, {}};
  bool removed = false;
  std::shared_ptr<Inode> parent = walk(
      root_, join(parts.begin(), parts.end() - 1), true,
      [&](Inode& directory, const std::string& name) {
        const auto child = directory.children->find(name);
        removed = for_whiteout && child != directory.children->end() &&
                  child->second->type == FileType::kWhiteout;
        // A whiteout below a whiteout has nothing left to hide.
        return removed ? nullptr : enter(directory, name);
      },
      &lower_.steps());
  if (removed) return {nullptr, {}};
  if (!parent || !parent->is_directory()) {
    throw entry_error(path,
                      "its parent is not a directory, lies too deep, or the "
                      "symbolic links to it go in circles");
  }
  return {std::move(parent), parts.back()};
}

void Layer::add_whiteout(Inode& directory, std::string_view name,
                         std::string_view path) {
  if (name.empty() || name == "." || name == "..") {
    throw entry_error(path, "this whiteout names no file of its directory");
  }
  std::shared_ptr<Inode>& hidden = (*directory.children)[std::string(name)];
  if (!hidden) {
    hidden = std::make_shared<Inode>(FileType::kWhiteout);
    ++entries_;
  } else if (hidden->is_directory()) {
    // A whiteout hides lower layers only, never what its own layer brings.
    hidden->opaque = true;
  }
}

void Layer::add_hard_link(Place place, const LayerEntry& entry) {
  const std::vector<std::string> parts = clean(entry.target);
  const std::shared_ptr<Inode> inode = find_merged(
      root_, lower_.root(), join(parts.begin(), parts.end()), lower_.steps());
  if (inode && inode->type == FileType::kWhiteout) {
    // A second name of what hides a file hides its own as well.
    (*place.directory->children)[place.name] = inode;
    return;
  }
  if (!inode) {
    throw entry_error(entry.path,
                      cat("it is a hard link to ", quote(entry.target),
                          ", which does not exist"));
  }
  if (inode->is_directory()) {
    throw entry_error(entry.path,
                      cat("it is a hard link to ", quote(entry.target),
                          ", which is a directory"));
  }
  inode->attributes.uid = entry.attributes.uid;
  inode->attributes.gid = entry.attributes.gid;
  if (inode->type != FileType::kSymlink) {
    inode->attributes.mode = entry.attributes.mode;
    inode->attributes.mtime = entry.attributes.mtime;
  }
  (*place.directory->children)[place.name] = inode;
}

void Layer::add_directory(Inode& parent, const std::string& name,
                          const LayerEntry& entry) {
  std::shared_ptr<Inode>& inode = (*parent.children)[name];
  if (!inode || !inode->is_directory()) {
    inode = std::make_shared<Inode>(FileType::kDirectory);
  }
  inode->attributes = entry.attributes;
  inode->implied = false;
}

void Layer::add(LayerEntry entry) {
  check_lengths(entry.path);
  if (lower_.steps() > kMostSteps) {
    throw entry_error(entry.path,
                      cat("the paths of the image take more than ", kMostSteps,
                          " steps through directories and links"));
  }
  if (entry.target.size() > kLongestPath) {
    throw entry_error(entry.path, "its link target is longer than Linux takes");
  }
  const std::vector<std::string> parts = clean(entry.path);
  const std::string_view base =
      parts.empty() ? std::string_view() : parts.back();
  const bool is_opaque_marker = base == kOpaqueMarker;
  // AUFS keeps its own files under such names in the root.
  if (!parts.empty() && parts.front().starts_with(kWhiteoutMetaPrefix) &&
      !(parts.size() == 1 && is_opaque_marker)) {
    return;
  }
  const bool is_whiteout = base.starts_with(kWhiteoutPrefix);
  Place place = place_of(entry.path, is_whiteout);
  if (!place.directory || place.name.empty()) return;
  if (is_opaque_marker) {
    place.directory->opaque = true;
    return;
  }
  if (is_whiteout) {
    add_whiteout(*place.directory, base.substr(kWhiteoutPrefix.size()),
                 entry.path);
    return;
  }
  ++entries_;
  if (entry.is_hard_link) {
    add_hard_link(std::move(place), entry);
    return;
  }
  if (entry.type == FileType::kDirectory) {
    add_directory(*place.directory, place.name, entry);
    return;
  }
  const bool hides = entry.type == FileType::kCharDevice &&
                     entry.device_major == 0 && entry.device_minor == 0;
  auto inode =
      std::make_shared<Inode>(hides ? FileType::kWhiteout : entry.type);
  inode->attributes = entry.attributes;
  if (entry.type == FileType::kSymlink) {
    if (entry.target.empty()) {
      throw entry_error(entry.path, "it is a symbolic link to nothing");
    }
    inode->attributes.mode = 0777;
    inode->target = entry.target;
  }
  inode->device_major = entry.device_major;
  inode->device_minor = entry.device_minor;
  inode->content = std::move(entry.content);
  (*place.directory->children)[place.name] = std::move(inode);
}

void Layer::merge() { merge_directory(*lower_.root(), *root_); }

}  // namespace ncli::rootfs
