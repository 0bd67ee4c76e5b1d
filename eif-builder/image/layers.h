// The layers of an image as uncompressed archives that can be read in place.
#pragma once

#include <memory>
#include <vector>

#include "base/byte-io.h"
#include "base/observer.h"
#include "base/spool.h"
#include "eif-builder/image/content.h"
#include "eif-builder/image/selection.h"
#include "eif-builder/image/verify.h"

namespace ncli::image {

// Opens the layers, bottom to top. Compressed ones go through the spool,
// several at once, and their digests (the blob's and the diff_id) are checked
// on the way; plain ones are read in place and left to `checks`.
// E50 for what is missing, damaged or not what its digest says.
std::vector<std::shared_ptr<const ByteSource>> open_layers(
    const ContentStore& store, const std::vector<Blob>& blobs,
    const std::vector<ContentDigest>& diff_ids,
    const std::shared_ptr<Spool>& spool, BackgroundChecks& checks,
    Observer& observer);

// Decompresses `source` into the spool when it is compressed as a whole.
std::shared_ptr<const ByteSource> open_whole_archive(
    std::shared_ptr<const ByteSource> source,
    const std::shared_ptr<Spool>& spool, Observer& observer);

}  // namespace ncli::image
