// Decompression of a stream whose kind is told by its first bytes, never by
// what anybody calls it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "base/byte-io.h"

namespace ncli::image {

enum class Compression { kNone, kGzip, kZstd, kXz, kBzip2 };

Compression detect_compression(const ByteSource& source);

// Sees the compressed bytes, all of them and in order.
using OnInput = std::function<void(std::span<const std::byte>)>;

// Decompresses all of `source` into `out`; several streams one after another
// count as one. E50 when it is damaged or cut short. Not for kNone.
void decompress(Compression compression, const ByteSource& source,
                const OnInput& on_input, ByteSink& out);

// The part of decompress() for gzip (ISA-L: about three times zlib's speed).
void decompress_gzip(const ByteSource& source, const OnInput& on_input,
                     ByteSink& out);

// The part for xz, in bounded memory whatever the data ask for.
void decompress_xz(const ByteSource& source, const OnInput& on_input,
                   ByteSink& out);

}  // namespace ncli::image
