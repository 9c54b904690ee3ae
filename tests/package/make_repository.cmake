# cmake -D SOURCE=<source folder> -D REPOSITORY=<folder> -P make_repository.cmake
# Makes a git repository of the library's files in this working tree, for the test of FetchContent.
file(REMOVE_RECURSE ${REPOSITORY})
file(COPY ${SOURCE}/CMakeLists.txt ${SOURCE}/LICENSE ${SOURCE}/cmake ${SOURCE}/include DESTINATION ${REPOSITORY})
find_program(git git REQUIRED)
foreach(arguments "init;--quiet;--initial-branch=main" "add;."
                  "-c;user.name=lowbit;-c;user.email=lowbit@localhost;commit;--quiet;--message=tree")
  execute_process(COMMAND ${git} ${arguments} WORKING_DIRECTORY ${REPOSITORY} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
