# What our own tests, examples and benchmarks are compiled with; never part of lowbit::lowbit. The presets turn warnings
# into errors (CMAKE_COMPILE_WARNING_AS_ERROR); a plain configure with a compiler that we have not tried does not.
add_library(lowbit_warnings INTERFACE)
target_compile_options(lowbit_warnings INTERFACE
                       $<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-Wall;-Wextra;-Wpedantic;-Wconversion;-Wshadow>)
