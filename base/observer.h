// What a long job tells while it works: libraries never print.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ncli {

// Calls may come from several threads at once.
class Observer {
 public:
  virtual ~Observer() = default;
  // `done` of `total` bytes of the step `step` (a few words, a literal).
  virtual void progress(std::string_view /*step*/, std::uint64_t /*done*/,
                        std::uint64_t /*total*/) {}
  // A step that scripts look for was reached.
  virtual void note(std::string_view /*text*/) {}
  // Something that the user should know though the job goes on.
  virtual void warn(const std::string& /*text*/) {}
};

}  // namespace ncli
