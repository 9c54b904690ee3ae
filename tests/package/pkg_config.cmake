# cmake -D CXX=<compiler> -D PREFIX=<installed folder> -D WORK=<folder> -D VERSION=<version> -D GUIDE=<folder>
#       -P pkg_config.cmake
# Compiles and runs main.cpp, and compiles each program of the guide, with only the flags that pkg-config prints.
find_program(pkg_config NAMES pkg-config pkgconf REQUIRED)
set(ENV{PKG_CONFIG_PATH} ${PREFIX}/share/pkgconfig)
function(ask option result)
  execute_process(COMMAND ${pkg_config} ${option} lowbit OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE
                  COMMAND_ERROR_IS_FATAL ANY)
  set(${result} "${answer}" PARENT_SCOPE)
endfunction()

ask(--modversion version)
if(NOT version STREQUAL VERSION)
  message(FATAL_ERROR "lowbit.pc has version ${version}, expected ${VERSION}")
endif()
ask(--cflags flags)
message(NOTICE "${flags}")
separate_arguments(flags UNIX_COMMAND "${flags}")
file(MAKE_DIRECTORY ${WORK})
execute_process(COMMAND ${CXX} -std=c++20 ${CMAKE_CURRENT_LIST_DIR}/main.cpp ${flags} -o ${WORK}/consumer
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${WORK}/consumer COMMAND_ERROR_IS_FATAL ANY)
file(GLOB programs ${GUIDE}/*.cpp)
if(NOT programs)
  message(FATAL_ERROR "${GUIDE} has no programs")
endif()
foreach(program IN LISTS programs)
  execute_process(COMMAND ${CXX} -std=c++20 -fsyntax-only ${program} ${flags} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
