# What programs link: core and store as one archive, with the headers that a program reaches from the public ones. All its
# symbols are hidden, so that a shared library or a program that links it shows none of them. Static alone: API.md says why.
set(CAPLET_PUBLIC_HEADERS
    core/authority.hpp
    core/error.hpp
    core/scope.hpp
    core/text.hpp
    core/time_text.hpp
    core/token_string.hpp
    core/verdict.hpp
    store/open_store.hpp)

add_library(caplet_archive STATIC $<TARGET_OBJECTS:caplet_core> $<TARGET_OBJECTS:caplet_store>)
set_target_properties(caplet_archive PROPERTIES OUTPUT_NAME caplet EXPORT_NAME caplet LINKER_LANGUAGE CXX)
target_compile_features(caplet_archive PUBLIC cxx_std_20)
target_include_directories(caplet_archive INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# To be linked after it; its headers include none of theirs.
target_link_libraries(caplet_archive PRIVATE PkgConfig::sodium PkgConfig::utf8proc PkgConfig::keyutils PkgConfig::sqlite3
                                             SQLiteCpp fmt::fmt)
add_library(caplet::caplet ALIAS caplet_archive)

include(CMakePackageConfigHelpers)
set(caplet_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/caplet)
configure_package_config_file(cmake/library/caplet-config.cmake.in ${PROJECT_BINARY_DIR}/caplet-config.cmake
                              INSTALL_DESTINATION ${caplet_cmake_dir})
# Before 1.0, another minor version may be another interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/caplet-config-version.cmake COMPATIBILITY SameMinorVersion)
# The prefix as seen from where the file lies, so that an installed tree can be moved.
file(RELATIVE_PATH caplet_prefix_from_pc ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" caplet_prefix_from_pc ${caplet_prefix_from_pc})
configure_file(cmake/library/caplet.pc.in ${PROJECT_BINARY_DIR}/caplet.pc @ONLY)
configure_file(cmake/library/version.hpp.in ${PROJECT_BINARY_DIR}/version.hpp @ONLY)

install(TARGETS caplet_archive EXPORT caplet ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(EXPORT caplet NAMESPACE caplet:: FILE caplet-targets.cmake DESTINATION ${caplet_cmake_dir} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/caplet-config.cmake ${PROJECT_BINARY_DIR}/caplet-config-version.cmake
        DESTINATION ${caplet_cmake_dir} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/caplet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/version.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/caplet COMPONENT development)
install(
  CODE "set(source \"${PROJECT_SOURCE_DIR}\")
set(made \"${PROJECT_BINARY_DIR}/headers\")
set(public \"${CAPLET_PUBLIC_HEADERS}\")
set(destination \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}\")"
  COMPONENT development)
install(SCRIPT cmake/library/headers.cmake COMPONENT development)
