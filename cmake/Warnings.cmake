# Linked by our own targets only: other people's headers are not ours to warn about.
add_library(caplet_warnings INTERFACE)
target_compile_options(
  caplet_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wnon-virtual-dtor
            -Wold-style-cast
            -Wcast-qual
            -Wformat=2
            -Wundef
            -Wno-missing-field-initializers
            "$<$<CXX_COMPILER_ID:Clang>:-Wreserved-identifier>"
            "$<$<BOOL:${CAPLET_WERROR}>:-Werror>")
