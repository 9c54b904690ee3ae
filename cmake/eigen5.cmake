# Read right after project() by the preset eigen5: takes an Eigen 5 even where an Eigen 3.4 is installed beside it.
# A CMake package comes first, then headers alone in BUILD/eigen, where tests/run unpacks them.
find_package(Eigen3 5 QUIET)
if(NOT Eigen3_FOUND)
  find_path(lowbit_eigen5 Eigen/Version PATHS ${PROJECT_BINARY_DIR}/eigen NO_DEFAULT_PATH REQUIRED)
  file(STRINGS ${lowbit_eigen5}/Eigen/Version version REGEX "define EIGEN_MAJOR_VERSION +5$")
  if(NOT version)
    message(FATAL_ERROR "${lowbit_eigen5} holds an Eigen that is not Eigen 5")
  endif()
  add_library(Eigen3::Eigen INTERFACE IMPORTED)
  set_target_properties(Eigen3::Eigen PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${lowbit_eigen5})
endif()
