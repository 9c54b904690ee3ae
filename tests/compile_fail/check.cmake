# cmake -D SOURCE=<file> -D "COMMAND=<compiler and flags>" -P check.cmake
# Checks that the file compiles with COMPILE_FAIL=0, and that with COMPILE_FAIL=1 it does not and the compiler prints a
# message that matches the regular expression after "// EXPECT: " in the file.
cmake_minimum_required(VERSION 3.25)

file(STRINGS ${SOURCE} expect REGEX "^// EXPECT: ." LIMIT_COUNT 1)
if(NOT expect)
  message(FATAL_ERROR "${SOURCE} has no line \"// EXPECT: message\"")
endif()
string(REPLACE "// EXPECT: " "" expect "${expect}")

function(compile mistake)
  execute_process(COMMAND ${COMMAND} -fsyntax-only -DCOMPILE_FAIL=${mistake} ${SOURCE}
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  set(result ${result} PARENT_SCOPE)
  set(output "${output}" PARENT_SCOPE)
endfunction()

compile(0)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "does not compile without the mistake:\n${output}")
endif()
compile(1)
if(result EQUAL 0)
  message(FATAL_ERROR "compiles with the mistake; expected: ${expect}")
endif()
if(NOT output MATCHES "${expect}")
  message(FATAL_ERROR "fails, but without the message: ${expect}\n${output}")
endif()
