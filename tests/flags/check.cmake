# cmake -D COMPILER=<path> -D INCLUDE=<folder with lowbit/> -D "EIGEN=<flags>" -D OUT=<folder> -D "LEVELS=<names>"
#       -P check.cmake
# Checks for each set of flags that the library rejects it with its message, or that bits.cpp prints what it prints
# without flags, on every instruction set. Flags that change no arithmetic are accepted.
cmake_minimum_required(VERSION 3.25)

# A compiler skips the flags that it does not know. Flags that are not rejected share one build, which takes half a
# minute.
set(alone -ffast-math -Ofast -funsafe-math-optimizations -fassociative-math
          "-fassociative-math -fno-signed-zeros -fno-trapping-math" -freciprocal-math -ffinite-math-only -fno-signed-zeros
          -fapprox-func "-fno-honor-nans -fno-honor-infinities" -fno-honor-nans -fno-honor-infinities -ffp-model=fast
          -fsingle-precision-constant -mfpmath=387 -m32 "-m32 -mno-sse" "-m32 -msse -mno-sse2" "-m32 -march=i386")
set(together -O3 -march=haswell -ffp-contract=fast -fno-trapping-math -fno-math-errno -fexcess-precision=fast
             -fdenormal-fp-math=preserve-sign)
# The same as pragmas before the header.
set(pragmas [[GCC optimize("Ofast")]] [[GCC optimize("-ffinite-math-only")]] [[GCC optimize("-fno-signed-zeros")]]
            [[GCC optimize("-freciprocal-math")]] [[GCC optimize("-funsafe-math-optimizations")]]
            [[float_control(precise, off)]])
# Flags that change no arithmetic, but keep code that the compiler would otherwise remove: the header compiles.
set(harmless -O0 -O2 --coverage -fno-inline -fno-builtin -frounding-math -fsanitize=address,undefined -fsanitize=thread
             -fsanitize=fuzzer "-fsanitize=fuzzer,address,undefined -O0" "-fsanitize-coverage=trace-pc,trace-cmp -O0"
             "-fsanitize=memory -O0" "-fprofile-instr-generate -fcoverage-mapping -O0" -finstrument-functions)
set(command ${COMPILER} -std=c++20 -I${INCLUDE} ${EIGEN})
set(sentence "lowbit (promises exact codes|needs float arithmetic)[^\n]*compile with")
file(MAKE_DIRECTORY ${OUT})
file(WRITE ${OUT}/empty.cpp "")
file(WRITE ${OUT}/header.cpp "#include <lowbit/core/config.hpp>\n")

function(known flags result)
  execute_process(COMMAND ${COMPILER} -Werror ${flags} -S -o ${OUT}/empty.s ${OUT}/empty.cpp RESULT_VARIABLE status
                  OUTPUT_QUIET ERROR_QUIET)
  set(${result} ${status} PARENT_SCOPE)
endfunction()

function(print flags program)
  execute_process(COMMAND ${command} -w -O1 ${flags} ${CMAKE_CURRENT_LIST_DIR}/bits.cpp -o ${OUT}/${program}
                  RESULT_VARIABLE status ERROR_VARIABLE error)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "bits.cpp does not compile with \"${flags}\":\n${error}")
  endif()
endfunction()

function(run program level result)
  if(level)
    set(ENV{LOWBIT_ISA} ${level})
  else()
    unset(ENV{LOWBIT_ISA})
  endif()
  execute_process(COMMAND ${OUT}/${program} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE error)
  if(NOT status EQUAL 0 AND error MATCHES "the levels of this machine are")
    set(output "")
  elseif(NOT status EQUAL 0)
    message(FATAL_ERROR "${program} fails: ${error}")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

function(refused flags source status error)
  execute_process(COMMAND ${command} -O1 ${flags} -S -o ${OUT}/header.s ${OUT}/${source} RESULT_VARIABLE result OUTPUT_QUIET
                  ERROR_VARIABLE text)
  set(${status} ${result} PARENT_SCOPE)
  set(${error} "${text}" PARENT_SCOPE)
endfunction()

set(expected "")
function(compare flags)
  if(NOT expected)
    print("" plain)
    run(plain "" output)
    set(expected "${output}" PARENT_SCOPE)
    set(expected "${output}")
  endif()
  print("${flags}" flagged)
  foreach(level IN LISTS LEVELS)
    run(flagged ${level} output)
    if(output AND NOT output STREQUAL expected)
      message(SEND_ERROR "${flags}, ${level}: other bits\n${output}instead of\n${expected}")
    endif()
  endforeach()
  message(STATUS "the same bits: ${flags}")
endfunction()

foreach(set IN LISTS alone harmless)
  separate_arguments(flags UNIX_COMMAND "${set}")
  known("${flags}" status)
  if(NOT status EQUAL 0)
    message(STATUS "unknown here: ${set}")
    continue()
  endif()
  refused("${flags}" header.cpp status error)
  if(set IN_LIST harmless)
    if(status EQUAL 0)
      message(STATUS "accepted: ${set}")
    else()
      message(SEND_ERROR "${set}: not accepted\n${error}")
    endif()
  elseif(NOT status EQUAL 0 AND error MATCHES "${sentence}")
    message(STATUS "refused: ${set}")
  elseif(NOT status EQUAL 0)
    message(SEND_ERROR "${set}: rejected without our message\n${error}")
  else()
    compare("${flags}")
  endif()
endforeach()

foreach(pragma IN LISTS pragmas)
  file(WRITE ${OUT}/empty.cpp "#pragma ${pragma}\n")
  known("-Wall" status)
  if(NOT status EQUAL 0)
    message(STATUS "unknown here: #pragma ${pragma}")
    continue()
  endif()
  file(WRITE ${OUT}/pragma.cpp "#pragma ${pragma}\n#include <lowbit/core/config.hpp>\n")
  refused("" pragma.cpp status error)
  if(NOT status EQUAL 0 AND error MATCHES "${sentence}")
    message(STATUS "refused: #pragma ${pragma}")
  else()
    message(SEND_ERROR "#pragma ${pragma}: not rejected with our message\n${error}")
  endif()
endforeach()
file(WRITE ${OUT}/empty.cpp "")

set(flags "")
foreach(flag IN LISTS together)
  known(${flag} status)
  if(status EQUAL 0)
    list(APPEND flags ${flag})
  endif()
endforeach()
compare("${flags}")
