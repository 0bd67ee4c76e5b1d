#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "base/text.h"
#include "eif-builder/eif/format.h"
#include "eif-builder/eif/metadata.h"
#include "eif-builder/eif/reader.h"

namespace ncli::eif {
namespace {

struct TestSection {
  SectionType type;
  std::string data;
  std::string gap = {};  // bytes in front of it
};

// An EIF whose table is right. The CRC is left out.
std::string eif_of(const std::vector<TestSection>& sections) {
  Header header;
  std::string body;
  for (const TestSection& section : sections) {
    body += section.gap;
    header.offsets[header.section_count] = kHeaderSize + body.size();
    header.sizes[header.section_count++] = section.data.size();
    body += as_text(encode(
        SectionHeader{.type = section.type, .size = section.data.size()}));
    body += section.data;
  }
  return std::string(as_text(encode(header))) + body;
}

const std::vector<TestSection> kPlain = {
    {SectionType::kKernel, "kernel"},
    {SectionType::kCmdline, "cmd"},
    {SectionType::kRamdisk, "boot"},
    {SectionType::kRamdisk, "app"},
};

Layout layout_of(const std::string& bytes) {
  return read_layout(MemorySource(bytes));
}

TEST(ReadLayout, FindsTheSectionsOfAWellFormedFile) {
  const Layout layout = layout_of(eif_of(kPlain));
  EXPECT_TRUE(layout.flaws.empty());
  ASSERT_EQ(layout.sections.size(), 4U);
  EXPECT_EQ(layout.sections[1].data_offset, 548U + 12 + 6 + 12);
  EXPECT_EQ(layout.sections[3].header.size, 3U);
}

TEST(ReadLayout, TheTableDecidesWhereThereAreGaps) {
  auto sections = kPlain;
  sections[2].gap = std::string(9, '\xff');
  const std::string bytes = eif_of(sections) + "tail";
  const Layout layout = layout_of(bytes);
  EXPECT_TRUE(layout.flaws.empty());
  const Measured measured = measure_file(MemorySource(bytes), layout, nullptr);
  EXPECT_EQ(measured.measurements.pcr0,
            measure::pcr_of_data(as_bytes("kernelcmdbootapp")));
  EXPECT_EQ(measured.measurements.pcr2, measure::pcr_of_data(as_bytes("app")));
}

TEST(ReadLayout, WithoutGapsTableAndSectionsMustAgree) {
  std::string bytes = eif_of(kPlain);
  bytes[28 + 7] = '\x55';  // the first offset's last byte
  EXPECT_EQ(layout_of(bytes).flaws.size(), 1U);
}

TEST(ReadLayout, RefusesWhatLiesOutsideOrOverlaps) {
  EXPECT_THROW(layout_of(""), Error);
  EXPECT_THROW(layout_of(std::string(548, '\0')), Error);
  std::string cut = eif_of(kPlain);
  cut.pop_back();
  EXPECT_THROW(layout_of(cut), Error);
  std::string many = eif_of(kPlain);
  many[27] = 33;
  EXPECT_THROW(layout_of(many), Error);
  std::string overlap = eif_of(kPlain) + "gap";
  overlap.replace(28 + 8, 8, overlap.substr(28, 8));
  overlap.replace(284 + 8, 8, overlap.substr(284, 8));
  EXPECT_THROW(layout_of(overlap), Error);
}

TEST(ReadLayout, NamesFlawsOfWhatItCanRead) {
  EXPECT_EQ(layout_of(eif_of({})).flaws.size(), 3U);
  EXPECT_EQ(layout_of(eif_of({{SectionType::kKernel, "k"},
                              {SectionType::kCmdline, "c"},
                              {SectionType::kRamdisk, "r"},
                              {static_cast<SectionType>(9), "?"}}))
                .flaws.size(),
            1U);
}

TEST(Timestamp, IsWrittenWithTheDigitsItNeeds) {
  EXPECT_EQ(format_timestamp({0, 0}), "1970-01-01T00:00:00+00:00");
  EXPECT_EQ(format_timestamp({1577836800, 120'000'000}),
            "2020-01-01T00:00:00.120+00:00");
  EXPECT_EQ(format_timestamp({1577836800, 123'456'000}),
            "2020-01-01T00:00:00.123456+00:00");
  EXPECT_EQ(format_timestamp({1577836800, 1}),
            "2020-01-01T00:00:00.000000001+00:00");
  EXPECT_EQ(format_timestamp({-1, 0}), "1969-12-31T23:59:59+00:00");
}

TEST(Timestamp, IsReadWithAnyOffset) {
  const auto seconds = [](const char* text) {
    const auto time = parse_timestamp(text);
    return time ? time->seconds : -1;
  };
  EXPECT_EQ(seconds("2020-01-01T00:00:00Z"), 1577836800);
  EXPECT_EQ(seconds("2020-01-01T02:30:00+02:30"), 1577836800);
  EXPECT_EQ(seconds("2019-12-31T23:00:00-01:00"), 1577836800);
  EXPECT_EQ(parse_timestamp("2020-01-01T00:00:00.5Z")->nanoseconds,
            500'000'000U);
  for (const char* const wrong :
       {"", "2020", "2020-13-01T00:00:00Z", "2020-02-30T00:00:00Z",
        "2020-01-01T24:00:00Z", "2020-01-01T00:00:00", "2020-01-01T00:00:00.Z",
        "2020-01-01T00:00:00Zx", "-020-01-01T00:00:00Z",
        "2020-01-01T00:00:00+24:00", "2020-01-01T00:00:00+01:60",
        "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"}) {
    EXPECT_FALSE(parse_timestamp(wrong)) << wrong;
  }
}

TEST(KernelConfig, ItsThirdLineNamesTheKernel) {
  const KernelInfo info = parse_kernel_config(
      "#\n# Automatically generated file; DO NOT EDIT.\n"
      "# Linux/x86_64 4.14.256-209.484.amzn2.x86_64 Kernel Configuration\n");
  EXPECT_EQ(info.operating_system, "Linux");
  EXPECT_EQ(info.kernel_version, "4.14.256");
  EXPECT_EQ(parse_kernel_config("#\n#\n#").operating_system, "Unknown");
  EXPECT_EQ(parse_kernel_config("").kernel_version, "Unknown");
}

TEST(Metadata, KeepsTheOrderOfItsKeysAndSortsForeignOnes) {
  EXPECT_EQ(encode_metadata({.image_name = "n",
                             .image_version = "v",
                             .build_time = "t",
                             .build_tool = "b",
                             .build_tool_version = "1",
                             .operating_system = "o",
                             .kernel_version = "k",
                             .docker_info = {{"b", 1}, {"a", 2}},
                             .custom_metadata = nullptr}),
            R"({"ImageName":"n","ImageVersion":"v","BuildMetadata":)"
            R"({"BuildTime":"t","BuildTool":"b","BuildToolVersion":"1",)"
            R"("OperatingSystem":"o","KernelVersion":"k"},)"
            R"("DockerInfo":{"a":2,"b":1},"CustomMetadata":null})");
}

}  // namespace
}  // namespace ncli::eif
