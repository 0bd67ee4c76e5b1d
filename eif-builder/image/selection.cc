#include "eif-builder/image/selection.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace ncli::image {
namespace {

constexpr std::size_t kMostListed = 20;

// "docker.io/library/hello:latest" and "hello" are one name: Docker's default
// registry and its official images are dropped, the default tag is added.
std::string normalize(std::string_view name) {
  for (const std::string_view prefix :
       {"docker.io/", "index.docker.io/", "localhost/", "library/"}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  const std::size_t slash = name.rfind('/');
  const std::size_t start = slash == std::string_view::npos ? 0 : slash + 1;
  const bool has_tag =
      name.find_first_of(":@", start) != std::string_view::npos;
  return cat(name, has_tag ? "" : ":latest");
}

bool is_called(const Candidate& candidate, std::string_view name) {
  if (name.empty() || candidate.id == name ||
      (name.starts_with('@') && candidate.id == name.substr(1))) {
    return true;
  }
  return std::ranges::any_of(candidate.names, [&](const std::string& other) {
    return other == name || normalize(other) == normalize(name);
  });
}

std::string describe(const Candidate& candidate) {
  const std::string& name =
      candidate.names.empty() ? candidate.id : candidate.names.front();
  return cat(quote(name), " (", to_string(candidate.platform), ")");
}

// One configuration is one image, however its layers are compressed.
bool is_same_image(const Candidate& a, const Candidate& b) {
  return a.id == b.id || (a.manifest.config.stated &&
                          a.manifest.config.stated == b.manifest.config.stated);
}

std::string list(const std::vector<const Candidate*>& candidates) {
  std::map<std::string, std::vector<std::string>> ids;
  for (const Candidate* const candidate : candidates) {
    ids[describe(*candidate)].push_back(candidate->id);
  }
  std::set<std::string> lines;
  for (const auto& [line, same] : ids) {
    if (std::set<std::string>(same.begin(), same.end()).size() == 1) {
      lines.insert(line);
      continue;
    }
    for (const std::string& id : same) lines.insert(cat(line, " @", id));
  }
  std::string text;
  std::size_t count = 0;
  for (const std::string& line : lines) {
    if (count++ == kMostListed) return text + ", ...";
    text += cat(text.empty() ? "" : ", ", line);
  }
  return text;
}

[[noreturn]] void fail(const std::string& reason) {
  throw Error(ErrorCode::kImagePull, cat("cannot choose an image: ", reason));
}

}  // namespace

void check_size(const ByteSource& source,
                const std::optional<std::uint64_t>& stated,
                std::string_view what) {
  if (!stated || *stated == source.size()) return;
  throw Error(ErrorCode::kImagePull,
              cat("cannot trust ", what, ": the image states ", *stated,
                  " bytes but it has ", source.size(),
                  "; the image is damaged or was changed, make it again"));
}

const Candidate& choose(const std::vector<Candidate>& candidates,
                        std::string_view name, const Platform& platform) {
  if (candidates.empty()) fail("there is none in it");
  std::vector<const Candidate*> all;
  std::vector<const Candidate*> called;
  for (const Candidate& candidate : candidates) {
    all.push_back(&candidate);
    if (is_called(candidate, name)) called.push_back(&candidate);
  }
  if (called.empty()) {
    fail(cat("none is called ", quote(name), "; there is ", list(all)));
  }
  int best = 3;
  std::vector<const Candidate*> fitting;
  for (const Candidate* const candidate : called) {
    const std::optional<int> rank = match(platform, candidate->platform);
    if (!rank || *rank > best) continue;
    if (*rank < best) fitting.clear();
    best = *rank;
    const bool known = std::ranges::any_of(fitting, [&](const Candidate* c) {
      return is_same_image(*c, *candidate);
    });
    if (!known) fitting.push_back(candidate);
  }
  if (fitting.empty()) {
    fail(cat("none is for ", to_string(platform), "; there is ", list(called),
             "; choose another one by --platform"));
  }
  if (fitting.size() > 1) {
    fail(
        cat("there are several, say which as docker-archive:PATH:REF, "
            "oci-archive:PATH:REF or oci:DIR:REF; there is ",
            list(fitting)));
  }
  return *fitting.front();
}

}  // namespace ncli::image
