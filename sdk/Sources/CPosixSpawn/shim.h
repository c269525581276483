#include <spawn.h>

// Swift imports the C library without its GNU names; glibc and musl both have these two.
extern int pipe2(int ends[2], int flags);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
