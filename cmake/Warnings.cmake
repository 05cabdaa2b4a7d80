# Linked by our own targets only: other people's headers are not ours to warn about. What g++ warns of when it optimises the
# tests is no error: it finds memory in strings of the standard library that is not there. Unoptimised, it is one in tests, too.
set(caplet_optimised_test $<AND:$<CONFIG:Release>,$<BOOL:$<TARGET_PROPERTY:CAPLET_IS_TEST>>>)
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
            "$<$<AND:$<BOOL:${CAPLET_WERROR}>,$<NOT:${caplet_optimised_test}>>:-Werror>")
