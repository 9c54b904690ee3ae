# Adds a unit to `target` with the lines `all`, which include our headers, after the macros of other libraries. Headers
# of other libraries, which the files in ARGN include, come first: macros may break them.
function(add_after_hostile_macros target all)
  set(others "")
  foreach(header IN LISTS ARGN)
    file(STRINGS ${header} includes REGEX "^#include <[^>]*>")
    list(FILTER includes EXCLUDE REGEX "<lowbit/|intrin\\.h>|<omp\\.h>|<arm_neon\\.h>|<cpuid\\.h>")
    foreach(include IN LISTS includes)
      string(REGEX REPLACE "^(#include <[^>]*>).*" "\\1" include "${include}")
      list(APPEND others "${include}")
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES others)
  list(JOIN others "\n" others)
  file(CONFIGURE OUTPUT after_hostile_macros.cpp @ONLY CONTENT "@others@
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif
#if defined(_OPENMP)
#include <omp.h>
#endif
#include \"@CMAKE_CURRENT_FUNCTION_LIST_DIR@/hostile.hpp\"
@all@")
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/after_hostile_macros.cpp)
endfunction()
