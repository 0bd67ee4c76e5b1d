#include "base/error.h"

#include <array>
#include <charconv>
#include <system_error>

#include "base/text.h"

namespace ncli {

const std::vector<ErrorCodeInfo>& all_error_codes() {
  static const std::vector<ErrorCodeInfo> codes = {
#define NCLI_ERROR_CODE(number, name, title, meaning, remedy) \
  {ErrorCode::name, title, meaning, remedy},
#include "base/error-codes.def"
#undef NCLI_ERROR_CODE
  };
  return codes;
}

std::string error_code_name(ErrorCode code) {
  const int number = static_cast<int>(code);
  return cat("E", number < 10 ? "0" : "", number);
}

std::optional<ErrorCode> error_code_from_name(std::string_view name) {
  if (name.size() != 3 || (name[0] != 'E' && name[0] != 'e')) return {};
  int number = 0;
  const auto [end, error] =
      std::from_chars(name.data() + 1, name.data() + 3, number);
  if (error != std::errc() || end != name.data() + 3) return {};
  for (const ErrorCodeInfo& info : all_error_codes()) {
    if (static_cast<int>(info.code) == number) return info.code;
  }
  return {};
}

void Error::add_context(std::string_view context) {
  text_ = cat(context, ": ", text_);
  contexts_.emplace_back(context);
}

Error errno_error(ErrorCode code, std::string_view action, int error_number,
                  std::string_view remedy, const char* file, unsigned line) {
  std::string text =
      cat(action, ": ", std::generic_category().message(error_number));
  if (!remedy.empty()) text += cat("; ", remedy);
  return Error(code, std::move(text), file, line);
}

}  // namespace ncli
