// Runs a fuzz target over the files of a corpus directory.
#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "tests/fuzz/fuzz.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    const std::string bytes = ncli::read_small_file(
        entry.path(), 64 << 20, ncli::ErrorCode::kFileOperation);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                           bytes.size());
    ++count;
  }
  std::printf("%d inputs replayed\n", count);
  return count == 0 ? 1 : 0;
}
