# Headers, the CMake package and the pkg-config file. All but the optional lowbit::cuda is the same on every architecture,
# and nothing names an absolute path, so the installed folder can be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(lowbit_package_dir ${CMAKE_INSTALL_DATADIR}/cmake/lowbit)
set(lowbit_pkgconfig_dir ${CMAKE_INSTALL_DATADIR}/pkgconfig)

install(TARGETS lowbit EXPORT lowbit-targets FILE_SET HEADERS)
install(TARGETS lowbit_io EXPORT lowbit-io-targets)
install(EXPORT lowbit-targets NAMESPACE lowbit:: DESTINATION ${lowbit_package_dir})
install(EXPORT lowbit-io-targets NAMESPACE lowbit:: DESTINATION ${lowbit_package_dir})
if(LOWBIT_CUDA)
  install(TARGETS lowbit_cuda EXPORT lowbit-cuda-targets FILE_SET HEADERS)
  install(EXPORT lowbit-cuda-targets NAMESPACE lowbit:: DESTINATION ${lowbit_package_dir})
endif()

configure_package_config_file(cmake/lowbit-config.cmake.in ${PROJECT_BINARY_DIR}/lowbit-config.cmake
                              INSTALL_DESTINATION ${lowbit_package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may break the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lowbit-config-version.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/lowbit-config.cmake ${PROJECT_BINARY_DIR}/lowbit-config-version.cmake
        DESTINATION ${lowbit_package_dir})

file(RELATIVE_PATH lowbit_pc_to_include ${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(cmake/lowbit.pc.in ${PROJECT_BINARY_DIR}/lowbit.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/lowbit.pc DESTINATION ${lowbit_pkgconfig_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
