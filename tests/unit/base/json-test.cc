#include "base/json.h"

#include <gtest/gtest.h>

#include <string>

namespace ncli {
namespace {

TEST(ParseJson, RefusesDeepAndMalformedTexts) {
  const std::string deep(1'000'000, '[');
  for (const std::string& text :
       {deep, std::string(R"({"a": 1e999})"), std::string("{"),
        std::string("{} x"), std::string("\xff")}) {
    try {
      parse_json(text, ErrorCode::kImagePull, "it");
      ADD_FAILURE() << text.substr(0, 20);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kImagePull);
      EXPECT_LT(std::string(error.what()).size(), 400U);
    }
  }
}

TEST(ParseJson, RefusesWhatTakesFarMoreMemoryThanItsText) {
  std::string text = "[";
  for (int i = 0; i < 1'000'000; ++i) text += "[],";
  text += "[]]";
  EXPECT_THROW(parse_json(text, ErrorCode::kImagePull, "it"), Error);
}

TEST(ParseJson, TakesTheLastOfTwoKeysUnlessToldOtherwise) {
  constexpr std::string_view kText = R"({"b": {"a": 1, "a": 2}, "a": 3})";
  EXPECT_EQ(parse_json(kText, ErrorCode::kImagePull, "it")["b"]["a"], 2);
  EXPECT_THROW(
      parse_json(kText, ErrorCode::kImagePull, "it", TwiceKeys::kRefuse),
      Error);
  EXPECT_NO_THROW(parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})",
                             ErrorCode::kImagePull, "it", TwiceKeys::kRefuse));
}

TEST(DumpJson, NeverFailsOnBytesThatAreNoUtf8) {
  EXPECT_EQ(dump_json(Json{{"a", "\xff"}}), "{\"a\":\"\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace ncli
