# Flags that every optimised build gets; a sanitizer build gets its sanitizers instead.
if(CAPLET_SANITIZE)
  add_compile_options(-fsanitize=${CAPLET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CAPLET_SANITIZE})
  add_compile_definitions(CAPLET_SANITIZED)
else()
  add_compile_options(
    "$<$<CONFIG:Release>:-O2>"
    "$<$<CONFIG:Release>:-U_FORTIFY_SOURCE>"
    "$<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>"
    -fstack-protector-strong
    -fstack-clash-protection
    -fcf-protection
    -ffunction-sections
    -fdata-sections)
  add_compile_definitions("$<$<CONFIG:Release>:_GLIBCXX_ASSERTIONS>")
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections -Wl,--as-needed)
  include(CheckPIESupported)
  check_pie_supported()
endif()
