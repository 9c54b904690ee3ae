# cmake -D SOURCE=<source folder> -D REPOSITORY=<folder> -P make_repository.cmake
# A git repository of what a user needs of this working tree, so that FetchContent is tried on what is here now.
file(REMOVE_RECURSE ${REPOSITORY})
file(COPY ${SOURCE}/CMakeLists.txt ${SOURCE}/LICENSE ${SOURCE}/cmake ${SOURCE}/include DESTINATION ${REPOSITORY})
find_program(git git REQUIRED)
foreach(arguments "init;--quiet;--initial-branch=main" "add;."
                  "-c;user.name=lowbit;-c;user.email=lowbit@localhost;commit;--quiet;--message=tree")
  execute_process(COMMAND ${git} ${arguments} WORKING_DIRECTORY ${REPOSITORY} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
