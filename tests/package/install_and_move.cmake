# cmake -D BUILD=<build folder> -D WORK=<folder> -P install_and_move.cmake
# Installs into one prefix and moves it to WORK/prefix, so that files with the path of the installation are found.
file(REMOVE_RECURSE ${WORK}/installed ${WORK}/prefix)
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/installed COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${WORK}/installed ${WORK}/prefix)

file(GLOB_RECURSE files ${WORK}/prefix/*)
foreach(file IN LISTS files)
  file(READ ${file} text)
  foreach(path ${WORK} ${BUILD})
    string(FIND "${text}" ${path} at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${file} contains the path ${path}")
    endif()
  endforeach()
endforeach()
