# The warnings that our tests, examples and benchmarks are compiled with; not part of lowbit::lowbit. The presets make
# them errors (CMAKE_COMPILE_WARNING_AS_ERROR); other configurations do not, as their compilers may be untested.
add_library(lowbit_warnings INTERFACE)
target_compile_options(lowbit_warnings INTERFACE
                       $<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-Wall;-Wextra;-Wpedantic;-Wconversion;-Wshadow>)
