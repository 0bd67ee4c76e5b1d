#include "eif-builder/initramfs/cpio.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "eif-builder/initramfs/initramfs.h"
#include "tests/support/text-sink.h"

namespace ncli::initramfs {
namespace {

TEST(CpioWriter, WritesTheHeaderOfTheReference) {
  test::TextSink out;
  CpioWriter writer(out);
  add_text(writer,
           {.name = "ab",
            .mode = kRegular | 04755,
            .uid = 0xfffffffe,
            .gid = 10,
            .mtime = 0x58f63f08},
           "xyz");
  EXPECT_EQ(out.text(),
            "070701"
            "000002d1"
            "000089ed"
            "fffffffe"
            "0000000a"
            "00000001"
            "58f63f08"
            "00000003"
            "00000003"
            "00000001"
            "00000000"
            "00000000"
            "00000003"
            "00000000" +
                std::string("ab\0\0\0\0", 6) + "xyz");
}

TEST(CpioWriter, EndsWithATrailerAndFullBlocks) {
  test::TextSink out;
  CpioWriter writer(out);
  writer.start({.name = "d", .mode = kDirectory | 0755});
  writer.finish();
  EXPECT_EQ(out.text().size(), 512U);
  EXPECT_EQ(out.text().substr(38, 8), "00000002");  // links of a directory
  EXPECT_EQ(out.text().substr(112 + 6, 8), "000002d2");
  EXPECT_EQ(out.text().substr(112 + 110, 11), std::string("TRAILER!!!\0", 11));
}

TEST(BootstrapInitramfs, HasTheSizeItAnnounces) {
  const auto init = std::make_shared<const MemorySource>(std::string(77, 'i'));
  const auto nsm = std::make_shared<const MemorySource>(std::string(1001, 'n'));
  for (const auto& driver : {nsm, std::shared_ptr<const MemorySource>()}) {
    const BootstrapInitramfs initramfs{init, driver};
    test::TextSink out;
    initramfs.write(out);
    EXPECT_EQ(out.text().size(), initramfs.size());
    EXPECT_EQ(out.text().find("nsm.ko") != std::string::npos,
              driver != nullptr);
  }
}

TEST(CustomerInitramfs, MovesTimesThatDoNotFitAndSaysSo) {
  rootfs::FileTree tree;
  const auto add = [&](const char* name, std::int64_t mtime) {
    auto inode = std::make_shared<rootfs::Inode>(rootfs::FileType::kSymlink);
    inode->attributes.mtime = mtime;
    (*tree.root()->children)[name] = inode;
  };
  add("early", -5);
  add("late", std::int64_t{1} << 33);
  const CustomerInitramfs initramfs(tree, {});
  ASSERT_EQ(initramfs.warnings().size(), 1U);
  EXPECT_EQ(initramfs.warnings()[0].find("2 files"), 0U);
  test::TextSink out;
  initramfs.write(out);
  EXPECT_EQ(out.text().size(), initramfs.size());
  EXPECT_NE(out.text().find("ffffffff"), std::string::npos);
}

TEST(CustomerInitramfs, RefusesAFileThatNoRecordHolds) {
  rootfs::FileTree tree;
  auto inode = std::make_shared<rootfs::Inode>(rootfs::FileType::kRegular);
  inode->content.size = std::uint64_t{1} << 32;
  (*tree.root()->children)["huge"] = inode;
  EXPECT_THROW(CustomerInitramfs(tree, {}), Error);
}

TEST(CustomerInitramfs, FillsTheHolesOfSparseFiles) {
  rootfs::FileTree tree;
  const MemorySource source("ABCDEF");
  auto inode = std::make_shared<rootfs::Inode>(rootfs::FileType::kRegular);
  inode->content.source = &source;
  inode->content.size = 12;
  inode->content.sparse = std::make_unique<const std::vector<rootfs::Segment>>(
      std::vector<rootfs::Segment>{{2, 0, 3}, {8, 3, 3}});
  (*tree.root()->children)["sparse"] = inode;
  test::TextSink out;
  CustomerInitramfs(tree, {}).write(out);
  EXPECT_NE(out.text().find(std::string("\0\0ABC\0\0\0DEF\0", 12)),
            std::string::npos);
}

}  // namespace
}  // namespace ncli::initramfs
