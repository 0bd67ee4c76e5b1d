// Errors of ncli: one exception type that carries an E-code, and the one table
// of those codes (error-codes.def), which is also what `ncli explain`, the man
// page and the exit statuses are made from.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ncli {

// The number of a code is also the exit status of a command that ends with it.
// Source: NITRO.md section 1.
enum class ErrorCode : int {
#define NCLI_ERROR_CODE(number, name, title, meaning, remedy) name = number,
#include "base/error-codes.def"
#undef NCLI_ERROR_CODE
};

struct ErrorCodeInfo {
  ErrorCode code;
  std::string_view title;    // a few words
  std::string_view meaning;  // what happened, in whole sentences
  std::string_view remedy;   // what to do about it
};

// All codes in ascending order.
const std::vector<ErrorCodeInfo>& all_error_codes();

// "E07" for 7.
std::string error_code_name(ErrorCode code);

// The code named "E07" (also "e07"); nullopt for anything else.
std::optional<ErrorCode> error_code_from_name(std::string_view name);

// A failure, told to the user as: verb 'object': reason; what to do.
// Context is added in front at the border of a room.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string text, const char* file = __builtin_FILE(),
        unsigned line = __builtin_LINE())
      : std::runtime_error(text),
        code_(code),
        text_(std::move(text)),
        root_(text_),
        file_(file),
        line_(line) {}

  ErrorCode code() const { return code_; }
  const char* what() const noexcept override { return text_.c_str(); }
  // The text without what was added in front.
  const std::string& root() const { return root_; }
  // Where in ncli's sources it was made.
  const char* file() const { return file_; }
  unsigned line() const { return line_; }
  // What was added in front, innermost first.
  const std::vector<std::string>& contexts() const { return contexts_; }
  // Puts "context: " in front of the text.
  void add_context(std::string_view context);

 private:
  ErrorCode code_;
  std::string text_;
  std::string root_;
  const char* file_;
  unsigned line_;
  std::vector<std::string> contexts_;
};

// An Error from errno: "<action>: <strerror>[; <remedy>]".
Error errno_error(ErrorCode code, std::string_view action, int error_number,
                  std::string_view remedy = {},
                  const char* file = __builtin_FILE(),
                  unsigned line = __builtin_LINE());

// Runs `function`; an Error that leaves it gets `context` in front.
template <class Function>
decltype(auto) with_context(std::string_view context, Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (Error& error) {
    error.add_context(context);
    throw;
  }
}

}  // namespace ncli
