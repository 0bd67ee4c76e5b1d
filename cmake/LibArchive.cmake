# The target ncli_libarchive. The shared libarchive brings libraries for formats
# that ncli never reads (libxml2 and with it ICU, nettle, libacl): loading them
# takes longer than all else that ncli does at its start. The static one brings
# what is used.
add_library(ncli_libarchive INTERFACE)
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET libarchive>=3.6)
if(NCLI_FAST_START)
  find_library(NCLI_LIBARCHIVE_A libarchive.a REQUIRED)
  find_package(BZip2 REQUIRED)
  pkg_check_modules(archive_filters REQUIRED IMPORTED_TARGET
    liblz4 liblzma libzstd)
  target_link_libraries(ncli_libarchive INTERFACE
    ${NCLI_LIBARCHIVE_A} PkgConfig::archive_filters BZip2::BZip2 ZLIB::ZLIB
    OpenSSL::Crypto)
else()
  target_link_libraries(ncli_libarchive INTERFACE PkgConfig::libarchive)
endif()
