# What programs link: core and store as one archive, with the headers that a program reaches from the public ones. All its
# symbols are hidden, so that a shared library or a program that links it shows none of them.
set(CAPLET_PUBLIC_HEADERS
    core/authority.hpp core/scope.hpp core/text.hpp core/time_text.hpp core/token_string.hpp store/open_store.hpp)

add_library(caplet_archive STATIC $<TARGET_OBJECTS:caplet_core> $<TARGET_OBJECTS:caplet_store>)
set_target_properties(caplet_archive PROPERTIES OUTPUT_NAME caplet EXPORT_NAME caplet LINKER_LANGUAGE CXX)
target_compile_features(caplet_archive PUBLIC cxx_std_20)
target_include_directories(caplet_archive INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(
  caplet_archive
  PUBLIC PkgConfig::sodium fmt::fmt
  PRIVATE PkgConfig::utf8proc PkgConfig::keyutils PkgConfig::sqlite3 SQLiteCpp)
add_library(caplet::caplet ALIAS caplet_archive)

include(CMakePackageConfigHelpers)
set(caplet_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/caplet)
configure_package_config_file(cmake/library/caplet-config.cmake.in ${PROJECT_BINARY_DIR}/caplet-config.cmake
                              INSTALL_DESTINATION ${caplet_cmake_dir})
# Before 1.0, another minor version may be another interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/caplet-config-version.cmake COMPATIBILITY SameMinorVersion)
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
