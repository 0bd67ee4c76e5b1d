#include "eif-builder/rootfs/layer.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "eif-builder/rootfs/docker-layout.h"

namespace ncli::rootfs {
namespace {

LayerEntry file(const char* path, std::uint64_t size = 1) {
  LayerEntry entry;
  entry.path = path;
  entry.attributes = {.mode = 0644, .uid = 1, .gid = 2, .mtime = 3};
  entry.content.size = size;
  return entry;
}

LayerEntry of_type(FileType type, const char* path, const char* target = "") {
  LayerEntry entry = file(path, 0);
  entry.type = type;
  entry.target = target;
  return entry;
}

LayerEntry directory(const char* path) {
  return of_type(FileType::kDirectory, path);
}

LayerEntry hard_link(const char* path, const char* target) {
  LayerEntry entry = file(path, 0);
  entry.is_hard_link = true;
  entry.target = target;
  return entry;
}

class LayerTest : public testing::Test {
 protected:
  template <class... Entries>
  void lay(Entries... entries) {
    Layer layer(tree_);
    (layer.add(std::move(entries)), ...);
    layer.merge();
  }

  // All paths, in the order of a walk.
  std::string paths() const {
    std::string text;
    list(tree_.root(), "", text);
    return text;
  }

  const Inode& at(const char* path) {
    const auto inode = find(tree_.root(), path);
    EXPECT_TRUE(inode) << path;
    return *inode;
  }

  FileTree tree_;

 private:
  static void list(const Inode& inode, const std::string& path,
                   std::string& text) {
    for (const auto& [name, child] : *inode.children) {
      text += path + name + (child->is_directory() ? "/ " : " ");
      if (child->is_directory()) list(*child, path + name + "/", text);
    }
  }
};

TEST_F(LayerTest, SortsByBytesInsideEachDirectory) {
  lay(file("fooA"), file("foo0"), directory("foo.dir"), file("foo-bar"),
      directory("foo"), file("foo/x"));
  EXPECT_EQ(paths(), "foo/ foo/x foo-bar foo.dir/ foo0 fooA ");
}

TEST_F(LayerTest, WhiteoutsHideLowerNamesOnly) {
  lay(directory("d"), file("d/a"), file("d/b"), file("gone"));
  lay(file("d/.wh.a"), file(".wh.gone"), file("d/c"), file("gone2"));
  EXPECT_EQ(paths(), "d/ d/b d/c gone2 ");
  // One in the same layer as the file stays without effect on it.
  lay(file("new"), file(".wh.new"), file(".wh.gone2"));
  EXPECT_EQ(paths(), "d/ d/b d/c new ");
}

TEST_F(LayerTest, OpaqueMarkersHideTheLowerContentWhereverTheyStand) {
  lay(directory("d"), file("d/low"));
  lay(directory("d"), file("d/before"), file("d/.wh..wh..opq"),
      file("d/after"));
  EXPECT_EQ(paths(), "d/ d/after d/before ");
}

TEST_F(LayerTest, WhiteoutThenDirectoryIsAPlainDirectory) {
  lay(directory("d"), file("d/low"));
  lay(file(".wh.d"), directory("d"), file("d/up"));
  EXPECT_EQ(paths(), "d/ d/low d/up ");
}

TEST_F(LayerTest, FilesBelowARemovedDirectoryBringNothingBack) {
  lay(directory("d"), file("d/low"));
  lay(file(".wh.d"), file("d/.wh.low"));
  EXPECT_EQ(paths(), "");
  lay(directory("d"), file("d/low"));
  lay(file(".wh.d"), file("d/up"));
  EXPECT_EQ(paths(), "d/ d/up ");
}

TEST_F(LayerTest, TypeChangesReplace) {
  lay(directory("d"), file("d/x"), file("f"));
  lay(file("d"), directory("f"), file("f/y"));
  EXPECT_EQ(paths(), "d f/ f/y ");
  EXPECT_EQ(at("d").type, FileType::kRegular);
}

TEST_F(LayerTest, DirectoriesTakeTheTopmostEntrysAttributes) {
  LayerEntry low = directory("d");
  low.attributes = {.mode = 0700, .uid = 7, .gid = 8, .mtime = 9};
  lay(std::move(low));
  // A parent that a layer lacks keeps what it has; a new one is plain.
  lay(file("d/x"), file("n/x"));
  EXPECT_EQ(at("d").attributes.mode, 0700U);
  EXPECT_EQ(at("d").attributes.mtime, 9);
  EXPECT_EQ(at("n").attributes.mode, 0755U);
  EXPECT_EQ(at("n").attributes.mtime, kFixedTime);
  lay(directory("d"));
  EXPECT_EQ(at("d").attributes.mode, 0644U);
}

TEST_F(LayerTest, TheLastOfEqualPathsWins) {
  lay(file("f", 1), file("f", 2));
  EXPECT_EQ(at("f").content.size, 2U);
}

TEST_F(LayerTest, HardLinksShareTheInodeAlsoOfALowerLayer) {
  lay(file("a", 5));
  lay(hard_link("b", "a"), file("c"), hard_link("d", "./c"));
  EXPECT_EQ(&at("a"), &at("b"));
  EXPECT_EQ(&at("c"), &at("d"));
  EXPECT_EQ(at("b").content.size, 5U);
}

TEST_F(LayerTest, NamesNeverClimbAboveTheRoot) {
  lay(file("../../a"), file("/b"), file("./c/../d"), directory("/"),
      directory("."));
  EXPECT_EQ(paths(), "a b d ");
}

TEST_F(LayerTest, LinksOfTheLayerAreFollowedInsideItOnly) {
  lay(directory("real"), of_type(FileType::kSymlink, "link", "real"),
      file("link/x"), of_type(FileType::kSymlink, "up", "../../../real"),
      file("up/y"));
  EXPECT_EQ(paths(), "link real/ real/x real/y up ");
  // A lower layer's link is replaced by the directory that is implied.
  lay(file("link/z"));
  EXPECT_EQ(paths(), "link/ link/z real/ real/x real/y up ");
}

TEST_F(LayerTest, DeviceZeroIsAWhiteout) {
  lay(file("a"), file("b"));
  lay(of_type(FileType::kCharDevice, "a"));
  EXPECT_EQ(paths(), "b ");
}

TEST_F(LayerTest, RefusesWhatNoFileSystemHolds) {
  const std::string long_name(300, 'x');
  const std::string deep = [] {
    std::string path;
    for (int i = 0; i < 1500; ++i) path += "d/";
    return path;
  }();
  const std::string endless(5000, 'a');
  const auto refused = [&](auto... entries) {
    FileTree tree;
    Layer layer(tree);
    EXPECT_THROW((layer.add(std::move(entries)), ...), Error);
  };
  refused(file(long_name.c_str()));
  refused(file(deep.c_str()));
  refused(of_type(FileType::kSymlink, "s", endless.c_str()));
  refused(file("f"), file("f/x"));
  refused(file(".wh."));
  refused(file(".wh..."));
  refused(hard_link("h", "missing"));
  refused(directory("d"), hard_link("h", "d"));
  refused(of_type(FileType::kSymlink, "a", "b"),
          of_type(FileType::kSymlink, "b", "a"), file("a/x"));
}

TEST_F(LayerTest, AufsFilesAreLeftOut) {
  lay(directory(".wh..wh.plnk"), file(".wh..wh.plnk/1.2"), file(".wh..wh.aufs"),
      file("a"));
  EXPECT_EQ(paths(), "a ");
}

TEST_F(LayerTest, TheInitLayerReplacesWhatIsInItsWay) {
  lay(of_type(FileType::kSymlink, "etc", "usr"), file("proc"), directory("sys"),
      file("sys/inside"));
  apply_init_layer(tree_);
  EXPECT_TRUE(at("etc").is_directory());
  EXPECT_TRUE(at("proc").is_directory());
  EXPECT_EQ(at("etc/mtab").target, "/proc/mounts");
  EXPECT_EQ(at("sys").attributes.mode, 0644U);
  at("sys/inside");
}

TEST_F(LayerTest, TheWorkingDirectoryGoesThroughLinksInsideTheRoot) {
  lay(of_type(FileType::kSymlink, "srv", "/../data"), directory("data"),
      file("plain"));
  make_working_directory(tree_, "/srv/app/../logs");
  EXPECT_THROW(make_working_directory(tree_, "plain/x"), Error);
  EXPECT_EQ(paths(), "data/ data/app/ data/logs/ plain srv ");
}

}  // namespace
}  // namespace ncli::rootfs
