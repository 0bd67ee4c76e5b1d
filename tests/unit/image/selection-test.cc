#include "eif-builder/image/selection.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace ncli::image {
namespace {

const Platform kAmd64{.architecture = "amd64", .variant = {}};
const Platform kArm64{.architecture = "arm64", .variant = {}};

Candidate candidate(const char* name, const char* id, Platform platform) {
  return {.names = {name}, .id = id, .platform = platform, .manifest = {}};
}

std::string refusal(const std::vector<Candidate>& candidates, const char* name,
                    const Platform& platform) {
  try {
    choose(candidates, name, platform);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kImagePull);
    return error.what();
  }
  return "";
}

TEST(Choose, TakesTheOnlyImage) {
  EXPECT_EQ(choose({candidate("a:1", "x", kAmd64)}, "", kAmd64).id, "x");
}

TEST(Choose, ListsSeveralAndTakesTheOneThatIsNamed) {
  const std::vector<Candidate> two = {candidate("a:1", "x", kAmd64),
                                      candidate("b:2", "y", kAmd64)};
  const std::string text = refusal(two, "", kAmd64);
  EXPECT_NE(text.find("'a:1'"), std::string::npos);
  EXPECT_NE(text.find("'b:2'"), std::string::npos);
  EXPECT_EQ(choose(two, "b:2", kAmd64).id, "y");
  EXPECT_EQ(choose(two, "@x", kAmd64).id, "x");
  EXPECT_NE(refusal(two, "c", kAmd64).find("'c'"), std::string::npos);
}

TEST(Choose, KnowsDockersShortNames) {
  const std::vector<Candidate> two = {
      candidate("docker.io/library/hello:latest", "x", kAmd64),
      candidate("localhost/hi:latest", "y", kAmd64)};
  EXPECT_EQ(choose(two, "hello", kAmd64).id, "x");
  EXPECT_EQ(choose(two, "hi:latest", kAmd64).id, "y");
}

TEST(Choose, PicksThePlatformAndItsUsualVariant) {
  Platform v6 = kArm64;
  v6.variant = "v9";
  Platform v8 = kArm64;
  v8.variant = "v8";
  const std::vector<Candidate> all = {candidate("a", "amd", kAmd64),
                                      candidate("a", "v9", v6),
                                      candidate("a", "v8", v8)};
  EXPECT_EQ(choose(all, "", kArm64).id, "v8");
  EXPECT_EQ(choose(all, "", v6).id, "v9");
  EXPECT_EQ(choose(all, "", kAmd64).id, "amd");
  EXPECT_NE(refusal({all[0]}, "", kArm64).find("linux/amd64"),
            std::string::npos);
}

TEST(Choose, OneImageUnderTwoNamesIsOne) {
  EXPECT_EQ(
      choose({candidate("a:1", "x", kAmd64), candidate("a:2", "x", kAmd64)}, "",
             kAmd64)
          .id,
      "x");
}

TEST(ParsePlatform, TakesGosAndTheKernelsNames) {
  EXPECT_EQ(parse_platform("linux/arm64/v8")->variant, "v8");
  EXPECT_EQ(parse_platform("aarch64")->architecture, "arm64");
  EXPECT_EQ(parse_platform("linux/x86_64")->architecture, "amd64");
  EXPECT_FALSE(parse_platform("windows/amd64"));
  EXPECT_FALSE(parse_platform("linux/riscv64"));
  EXPECT_FALSE(parse_platform(""));
}

TEST(ParseDigest, RefusesWhatIsNone) {
  EXPECT_EQ(parse_digest("sha256:" + std::string(64, 'a'), "x").blob_path(),
            "blobs/sha256/" + std::string(64, 'a'));
  for (const std::string& wrong :
       {std::string("sha256:../../etc/passwd"),
        "sha256:" + std::string(64, 'A'), "sha256:" + std::string(63, 'a'),
        "md5:" + std::string(32, 'a'), std::string()}) {
    EXPECT_THROW(parse_digest(wrong, "x"), Error) << wrong;
  }
}

}  // namespace
}  // namespace ncli::image
